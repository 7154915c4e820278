// @ts-check
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { portsFrom, startLocalService } from '../local/service.mjs';
import { cpuOf, peakMemoryMb } from './cpu.mjs';

/** Ports are looked for from here on, far from those of `npm start`. */
const FIRST_PORT = 17_400;

/**
 * The service under test: every part by its production entry point, with a store and a chain of its own.
 * @typedef {object} BenchService
 * @property {number} port of the proxy
 * @property {Record<string, number>} pids
 * @property {() => Promise<any>} status
 * @property {(path: string) => Promise<any>} get
 * @property {() => Promise<void>} closeWindow
 * @property {() => Promise<number>} settle closes the open window; resolves when all is final and anchord has nothing left to do, to the seconds that took
 * @property {() => { proxy: number, anchord: number }} peakMemory in MB, since the start
 * @property {() => Promise<void>} stop
 */

/**
 * @param {{ folder: string, windowSeconds: number, running: import('../local/child.mjs').Child[] }} options `running` as of startLocalService
 * @returns {Promise<BenchService>}
 */
export async function openBenchService({ folder, windowSeconds, running }) {
  const ports = await freePorts();
  const service = await startLocalService({ dataDir: folder, ports, windowSeconds, log: () => undefined, running });
  const authorization = `Bearer ${readFileSync(service.adminTokenFile, 'utf8').trim()}`;
  const get = (/** @type {string} */ path) => askJson(`${service.url}${path}`, {});
  const status = () => get('/api/v1/status');
  const closeWindow = async () => {
    await askJson(`${service.adminUrl}/close-window`, { method: 'POST', headers: { authorization } });
  };
  return {
    port: ports.public,
    pids: { proxy: service.proxy.pid, anchord: service.anchord.pid, chain: service.chains[0]?.child.pid ?? 0 },
    ...{ status, get, closeWindow },
    settle: async () => {
      const start = performance.now();
      await closeWindow();
      const isFinal = (/** @type {any} */ window) => window.status === 'final';
      while (!(await get('/api/v1/windows?limit=100')).items.every(isFinal)) await pause(100);
      const finalSeconds = (performance.now() - start) / 1000;
      await untilIdle(service.anchord.pid); // indexing goes on behind
      // The system writes what it holds back for half a minute more, which the next phase is not to pay for.
      if (process.platform !== 'win32') await promisify(execFile)('sync');
      return finalSeconds;
    },
    peakMemory: () => ({ proxy: peakMemoryMb(service.proxy.pid), anchord: peakMemoryMb(service.anchord.pid) }),
    stop: service.stop,
  };
}

/** @param {number} ms */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {number} pid */
async function untilIdle(pid) {
  for (let quiet = 0; quiet < 2;) {
    const before = cpuOf(pid).all;
    await pause(500);
    quiet = cpuOf(pid).all - before > 0.05 ? 0 : quiet + 1; // where nothing is known of it, this is a second's rest
  }
}

/**
 * @param {string} url
 * @param {RequestInit} init
 */
async function askJson(url, init) {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return /** @type {any} */ (await response.json());
}

/** Ports for a service, all free now. */
export async function freePorts() {
  for (let first = FIRST_PORT; first < FIRST_PORT + 5_000; first += 100) {
    const ports = portsFrom(first);
    if ((await Promise.all(Object.values(ports).map(isFree))).every(Boolean)) return ports;
  }
  throw new Error(`no free ports from ${FIRST_PORT} on`);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
