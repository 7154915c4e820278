// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from './fault.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const onWindows = process.platform === 'win32';

/** @type {NodeJS.Signals[]} */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command with its output held back.
 *
 * It gets a process group of its own, so that a Ctrl-C or SIGTERM given to this process ends the whole tree below it
 * (npx, pnpm, make, the compiler), and we wait for that end: nothing goes on in the background after the prompt is back.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { env = process.env, onOutput = () => undefined } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: withThisNodeFirst(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !onWindows,
      shell: onWindows,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text;
        onOutput(text);
      });
    }

    /** @type {NodeJS.Signals | undefined} */
    let stoppedBy;
    /** @param {NodeJS.Signals} signal */
    const stop = (signal) => {
      stoppedBy = signal;
      if (child.pid !== undefined) process.kill(onWindows ? child.pid : -child.pid, signal);
    };
    for (const signal of stopSignals) process.on(signal, stop);
    const settle = () => {
      for (const signal of stopSignals) process.off(signal, stop);
    };

    child.on('error', (error) => {
      settle();
      reject(new Fault(`${command} cannot be started (${error.message}). Is it installed and on the PATH?`));
    });
    child.on('close', (code, signal) => {
      settle();
      if (stoppedBy) reject(new Fault('Stopped.', { exitCode: 128 + constants.signals[stoppedBy] }));
      else resolve({ code: code ?? 1, output: signal ? `${output}\n${command} was ended by ${signal}\n` : output });
    });
  });
}

/**
 * The Node that runs this script stands first on the PATH: npx, pnpm and node-gyp must not find another one there and
 * compile for that.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function withThisNodeFirst(env) {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [name]: [dirname(process.execPath), env[name]].filter(Boolean).join(delimiter) };
}
