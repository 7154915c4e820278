// @ts-check
import { openBenchService, pause } from './bench-service.mjs';
import { startLoad } from './load.mjs';

const PROBE_MS = 5;
const QUIET_SECONDS = 10;

/**
 * Closes a window of very many digests while a probe sends one digest every 5 ms: how long it takes, and the longest that the probe waited.
 *
 * @param {import('./run.mjs').Run} run
 * @param {{ folder: string, what: string }} options a new folder, or one with a store
 */
export async function closing(run, { folder, what }) {
  const { key, options } = run;
  run.log(what);
  const start = performance.now();
  const service = await openBenchService({ folder, windowSeconds: longWindow(), running: run.running });
  const startSeconds = (performance.now() - start) / 1000;
  const before = (await service.status()).totals.digests;
  const probe = (/** @type {number} */ seconds) => {
    const job = {
      kind: /** @type {const} */ ('probe'),
      path: '/api/v1/timestamps',
      everyMs: PROBE_MS,
      connections: 32,
    };
    return startLoad(
      { ...job, port: service.port, key, seconds, warmUpSeconds: 0, from: run.next, end: Infinity },
      service.pids,
    );
  };

  const fill = await startLoad(
    {
      ...{ kind: 'submit', path: '/api/v1/timestamps', port: service.port, key, size: 10_000, connections: 8 },
      ...{ seconds: 600, warmUpSeconds: 0, from: run.next, end: run.next + options.largeWindow },
    },
    service.pids,
  );
  const filled = await fill.outcome();
  run.next = filled.next;
  await pause(2_000); // the tree has all of them; what is measured is closing alone

  const quiet = await (await probe(options.quick ? 3 : QUIET_SECONDS)).outcome();
  run.next = quiet.next;

  const during = await probe(120);
  await pause(1_000);
  const { id } = (await service.status()).window;
  const closingAt = performance.timeOrigin + performance.now();
  await service.closeWindow();
  /** @type {any} */
  let window;
  do {
    await pause(20);
    window = await service.get(`/api/v1/windows/${id}`);
  } while (window.status === 'open');
  const closedSeconds = (Date.parse(window.closedAt) - closingAt) / 1000;
  await pause(options.watchSeconds * 1000); // it is indexed and anchored
  during.stop();
  const seen = await during.outcome();
  run.next = seen.next;
  for (const until = Date.now() + 30_000; window.status !== 'final' && Date.now() < until; await pause(200))
    window = await service.get(`/api/v1/windows/${id}`);
  const failures = filled.failures + quiet.failures + seen.failures;
  if (failures > 0) run.problem(`${what}: ${failures} answers were not 2xx`);
  if (window.status !== 'final') run.problem(`${what}: the window has not become final`);
  await service.stop();
  const pauseOf = (/** @type {import('./load.mjs').Loaded} */ { p50Ms, p99Ms, maxMs }) => ({ p50Ms, p99Ms, maxMs });
  // Seconds of the probe, told from the closing on; one that both parts touch counts for both.
  const longest = (/** @type {number} */ from, /** @type {number} */ to) => {
    const begun = (closingAt - seen.startedAtMs) / 1000;
    return Math.max(0, ...seen.slowestPerSecond.slice(Math.floor(begun + from), Math.ceil(begun + to)));
  };
  run.log(
    `  closed in ${closedSeconds.toFixed(2)} s, longest answer ${seen.maxMs.toFixed(1)} ms (${quiet.maxMs.toFixed(1)} ms without)`,
  );
  return {
    ...{ what, digests: window.treeSize, storeDigests: before, startSeconds, closedSeconds },
    probe: pauseOf(seen),
    longestWhileClosingMs: longest(0, closedSeconds + 1),
    longestAfterwardsMs: longest(closedSeconds + 1, Infinity),
    quietProbe: pauseOf(quiet),
    cores: seen.cores,
  };
}

/** A length of window, near an hour, that does not end by itself in the next ten minutes: windows stand aligned to their length. */
function longWindow() {
  const now = Math.floor(Date.now() / 1000);
  let seconds = 3600;
  while (seconds - (now % seconds) < 600) seconds -= 7;
  return seconds;
}
