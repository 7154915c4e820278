// @ts-check
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup/run.mjs';
import { setup } from './setup.mjs';

await setup({ log: (line) => console.log(line) });

// As arguments of Node and not in NODE_OPTIONS: jest hands them to its workers, and what a test starts runs as in production.
const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join('node_modules', 'jest', 'bin', 'jest.js'),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
// A Ctrl-C reaches jest from the terminal; what is sent to this process alone has to be handed on.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => jest.kill('SIGTERM'));
jest.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
