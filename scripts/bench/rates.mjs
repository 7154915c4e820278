// @ts-check
import { startModule } from './children.mjs';
import { runLoad } from './load.mjs';

/**
 * Requests of `size` digests, so many at a time.
 * @typedef {{ size: number, connections: number }} Load
 */

/** Single digests, from few clients and from many: the more wait together, the more share a commit. */
export const SINGLE = [
  { size: 1, connections: 64 },
  { size: 1, connections: 256 },
];
/** The proxy lets 200,000 digests wait, and refuses more. */
export const BULK = [
  { size: 1_000, connections: 16 },
  { size: 10_000, connections: 8 },
];
const SUBMIT_PATH = '/api/v1/timestamps';

/**
 * How fast requests of a size are taken.
 * @typedef {object} Rate
 * @property {string} what
 * @property {number} requestsPerSecond
 * @property {number} digestsPerSecond
 * @property {number} slowestTenSeconds digests a second in the worst ten seconds
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} maxMs
 * @property {Record<string, number>} cores
 */

/** @param {Load} load */
export function wordsFor({ size, connections }) {
  return `${size.toLocaleString('en')} a request, ${connections} connections`;
}

/**
 * @param {string} what
 * @param {import('./load.mjs').Loaded} loaded
 * @returns {Rate}
 */
export function rateOf(what, { seconds, requests, digests, p50Ms, p99Ms, maxMs, perSecond, cores }) {
  const whole = perSecond.slice(0, Math.max(1, Math.floor(seconds)));
  const span = Math.min(10, whole.length);
  let slowest = Infinity;
  for (let from = 0; from + span <= whole.length; from++) {
    slowest = Math.min(slowest, whole.slice(from, from + span).reduce((sum, count) => sum + count, 0) / span);
  }
  return {
    what,
    requestsPerSecond: requests / seconds,
    digestsPerSecond: digests / seconds,
    slowestTenSeconds: slowest,
    ...{ p50Ms, p99Ms, maxMs, cores },
  };
}

/**
 * The echo's rate, with the very requests that the service gets.
 *
 * @param {import('./run.mjs').Run} run
 * @param {Load} load
 */
export async function echo(run, { size, connections }) {
  const { key, options } = run;
  const server = startModule('echo-server.mjs');
  const { port } = await server.receive();
  const job = { kind: /** @type {const} */ ('submit'), path: SUBMIT_PATH, ...{ port, key, size, connections } };
  const loaded = await runLoad(
    { ...job, seconds: options.echoSeconds, warmUpSeconds: options.warmUpSeconds, from: run.next, end: Infinity },
    { echo: server.pid },
  );
  await server.stop();
  run.next = loaded.next;
  return rateOf(`echo of ${wordsFor({ size, connections })}`, loaded);
}

/**
 * Submits to the service for as long as a phase lasts, or until `end`.
 *
 * @param {import('./run.mjs').Run} run
 * @param {import('./bench-service.mjs').BenchService} service
 * @param {Load} load
 * @param {{ what: string, digests?: number }} phase
 */
export async function submit(run, service, { size, connections }, { what, digests }) {
  const { key, options } = run;
  run.log(what);
  const before = (await service.status()).totals.digests;
  const from = run.next;
  const loaded = await runLoad(
    {
      ...{ kind: 'submit', path: SUBMIT_PATH, port: service.port, key, size, connections, from },
      end: digests === undefined ? Infinity : from + digests,
      seconds: digests === undefined ? options.seconds : 3600,
      warmUpSeconds: digests === undefined ? options.warmUpSeconds : 0,
    },
    service.pids,
  );
  run.next = loaded.next;
  const stored = (await service.status()).totals.digests - before;
  if (loaded.failures > 0)
    run.problem(`${what}: ${loaded.failures} answers were not 2xx: ${JSON.stringify(loaded.statuses)}`);
  else if (stored < run.next - from) run.problem(`${what}: ${run.next - from} digests were sent, ${stored} are stored`);
  for (const [name, megabytes] of Object.entries(service.peakMemory()))
    run.peakMemory[name] = Math.max(run.peakMemory[name] ?? 0, megabytes);
  const rate = rateOf(what, loaded);
  const settleSeconds = await service.settle();
  run.log(
    `  ${Math.round(rate.digestsPerSecond)} digests/s, p99 ${rate.p99Ms.toFixed(1)} ms, all final after ${settleSeconds.toFixed(1)} s`,
  );
  return { ...rate, settleSeconds, from, end: run.next };
}

/**
 * Submits, with the echo before and after it as its neighbours: what else goes on on the machine slows all three.
 *
 * @param {import('./run.mjs').Run} run
 * @param {import('./bench-service.mjs').BenchService} service
 * @param {Load} load
 * @param {string} what
 */
export async function submitBesideEcho(run, service, load, what) {
  const before = await echo(run, load);
  const rate = await submit(run, service, load, { what });
  const after = await echo(run, load);
  const echoRequestsPerSecond = (before.requestsPerSecond + after.requestsPerSecond) / 2;
  const ofEcho = rate.requestsPerSecond / echoRequestsPerSecond;
  run.log(`  ${(100 * ofEcho).toFixed(0)} % of the echo's ${Math.round(echoRequestsPerSecond)} requests/s`);
  return { ...rate, echo: [before, after], ofEcho };
}
