// @ts-check
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Starts a module of this folder as a process of its own. What it tells is handed on; that it ends before it is stopped is a fault.
 *
 * @param {string} file
 * @param {readonly string[]} [args]
 */
export function startModule(file, args = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced', // numbers may be infinite
  });
  running.add(child);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let stopped = false;
  /** @type {(value: any) => void} */
  let deliver = () => undefined;
  /** @type {(error: Error) => void} */
  let fault = () => undefined;
  /** @type {unknown[]} */
  const waiting = [];
  child.on('message', (message) => {
    waiting.push(message);
    deliver(undefined);
  });
  child.once('exit', (code) => {
    running.delete(child);
    if (!stopped) fault(new Error(`${file} ended with code ${code}`));
  });
  child.once('error', (error) => fault(error));
  return {
    pid: child.pid ?? 0,
    /** @param {any} message */
    send: (message) => void (child.connected && child.send(message)),
    /**
     * The next message.
     * @returns {Promise<any>}
     */
    receive: async () => {
      while (waiting.length === 0) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${file} has ended`);
        await new Promise((resolve, reject) => {
          deliver = resolve;
          fault = reject;
        });
      }
      return waiting.shift();
    },
    stop: async () => {
      stopped = true;
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Ends every module that still runs, for when the bench is interrupted. */
export async function stopModules() {
  await Promise.all(
    [...running].map(async (child) => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    }),
  );
}
