import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './service.js';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; `env` adds to the environment. */
export function run(
  command: string,
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs `npx chronos …`'s own entry point. */
export function chronos(...args: string[]): Promise<Ran> {
  return run(process.execPath, [join(ROOT, 'packages', 'cli', 'bin', 'chronos.js'), ...args]);
}

/** Runs a command of `anchord`, by its own entry point. */
export function anchord(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  return run(process.execPath, [join(ROOT, 'packages', 'anchord', 'bin', 'anchord.js'), ...args], { env });
}
