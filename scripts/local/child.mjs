// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A program that runs beside this one.
 * @typedef {object} Child
 * @property {string} name
 * @property {number} pid
 * @property {import('node:stream').Readable} output what it prints; its log has the same
 * @property {Promise<number | null>} exited resolves when it has ended, with its exit code
 * @property {(signal?: NodeJS.Signals) => Promise<void>} stop sends the signal (SIGTERM) and waits until it has ended
 */

/**
 * Starts a program in a process group of its own, so that a Ctrl-C in the terminal reaches this process alone, which then stops its children in
 * their order. What it prints goes into `logFile`.
 *
 * @param {{ name: string, command: string, args: string[], env?: Record<string, string>, logFile: string }} options
 * @returns {Child}
 */
export function startChild({ name, command, args, env = {}, logFile }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  /** @type {Promise<number | null>} */
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      log.write(`${error.message}\n`);
      resolve(null);
    });
    child.once('close', (code) => log.end(() => resolve(code)));
  });
  return {
    name,
    pid: child.pid ?? 0,
    output: child.stdout,
    exited,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      // Whatever does not end by itself in time is ended.
      const last = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(last);
    },
  };
}

/**
 * Waits until `isReady` says so. A child that ends meanwhile, or time that runs out, is a fault, told with the last lines of its log.
 *
 * @param {Child} child
 * @param {string} logFile
 * @param {() => Promise<boolean>} isReady
 */
export async function untilReady(child, logFile, isReady) {
  let ended = false;
  void child.exited.then(() => (ended = true));
  for (const until = Date.now() + 60_000; ;) {
    if (await isReady().catch(() => false)) return;
    if (ended || Date.now() > until) {
      await child.stop();
      throw new Error(`${child.name} did not start:\n${lastLines(logFile)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param {string} logFile */
export function lastLines(logFile) {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
