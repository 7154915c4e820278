import { spawn } from 'node:child_process';
import { afterEach, expect, test } from '@jest/globals';
import { freeFirstPort, ROOT, temporaryFolder } from './support/service.js';

const temporary = temporaryFolder();
afterEach(() => {
  temporary.remove();
});

test('npm start that is ended by a SIGTERM to npm leaves nothing running', async () => {
  const port = await freeFirstPort();
  const npm = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, CHRONOS_PORT: String(port), CHRONOS_DATA_DIR: temporary.folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  // Closed when the last process that has it is gone, npm being the first.
  const allGone = new Promise((resolve) => npm.stdout.once('close', resolve));
  await new Promise<void>((resolve) => {
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Chronos is ready')) resolve();
    });
    void allGone.then(() => {
      resolve(); // it ended without being ready: its output says why
    });
  });
  expect(output).toContain('Chronos is ready');
  npm.kill('SIGTERM');
  await allGone;
  expect(output).toContain('Stopping …');
  for (const part of [port, port + 1, port + 2, port + 45]) {
    await expect(fetch(`http://127.0.0.1:${part}/`)).rejects.toThrow();
  }
}, 90_000);
