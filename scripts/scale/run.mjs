// @ts-check
import { setTimeout as pause } from 'node:timers/promises';
import { startModule, stopModules } from '../bench/children.mjs';
import { table } from '../bench/report.mjs';
import { ATTACKS } from './attacks.mjs';
import { Crowd, Ledger } from './crowd.mjs';
import { checkFront } from './front.mjs';
import { OUTAGES, UNSEEN } from './outages.mjs';
import { reckon } from './reckoning.mjs';
import { haproxyVersion, startStack } from './stack.mjs';

/**
 * @param {{ folder: string, only: string | undefined, signal: AbortSignal, log: (line: string) => void }} options
 * @returns {Promise<{ report: string, faults: string[] }>}
 */
export async function runScaleTest({ folder, only, signal, log }) {
  const version = haproxyVersion();
  const stack = await startStack({ folder, proxies: 3, windowSeconds: 5, log });
  const stopped = new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('it was stopped')));
  });
  try {
    const work = run({ stack, folder, only, log });
    work.catch((error) => signal.aborted && log(`and then: ${error.message}`)); // otherwise it is told through the race
    const { report, faults } = /** @type {{ report: string, faults: string[] }} */ (
      await Promise.race([work, stopped])
    );
    return { report: `${version}\n\n${report}`, faults };
  } finally {
    await stopModules();
    await stack.stop();
  }
}

/** A well-behaved client may wait so long while another attacks; on a machine that is busy with other things, so many times as long as in quiet. */
const MOST_P99_MS = 2_000;
const MOST_TIMES_QUIET = 5;

/** @param {{ stack: import('./stack.mjs').Stack, folder: string, only: string | undefined, log: (line: string) => void }} options */
async function run({ stack, folder, only, log }) {
  const { ports, certificate, service } = stack;
  const ledger = new Ledger();
  const target = { port: ports.https, certificate };
  const crowd = new Crowd({ target, ledger, clients: 16, network: 1, pauseMs: 120 });
  /** @type {string[]} */
  const tables = [];
  if (only !== 'abuse') tables.push(await outages({ stack, folder, ledger, crowd, log }));
  if (only !== 'outages') {
    const bare = { port: ports.bare };
    const bareCrowd = new Crowd({ target: bare, ledger, clients: 16, network: 2, pauseMs: 120 });
    tables.push(
      await abuse({
        fronts: [
          { ...{ crowd, target }, name: 'HAProxy' },
          { crowd: bareCrowd, target: bare, name: 'one proxy' },
        ],
        ledger,
        log,
      }),
    );
    await bareCrowd.stop();
  }
  await crowd.stop();
  log('looking every acknowledged digest up');
  const { digests, windows } = await reckon({ ledger, target, rpcUrl: service.rpcUrl });
  const [digest] = ledger.acknowledged.keys();
  if (digest === undefined) ledger.fault('nothing was acknowledged');
  else await checkFront({ stack, digest, fault: (what) => ledger.fault(what) });
  tables.push(`${digests} digests were acknowledged, in ${windows} windows`);
  return { report: tables.join('\n\n'), faults: ledger.faults };
}

/** @param {{ stack: import('./stack.mjs').Stack, folder: string, ledger: Ledger, crowd: Crowd, log: (line: string) => void }} options */
async function outages({ stack, folder, ledger, crowd, log }) {
  const rows = [['while', 'answers', 'told 503', 'p50 ms', 'p99 ms', 'max ms']];
  for (const { what, run: carryOut } of OUTAGES) {
    log(`outage: ${what}`);
    crowd.seen();
    await carryOut(stack, folder);
    const { answers, unavailable, p50Ms, p99Ms, maxMs } = crowd.seen();
    rows.push([what, String(answers), String(unavailable), ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1))]);
    if (answers === 0) ledger.fault(`${what}: not one answer`);
    if (UNSEEN.has(what) && unavailable > 0) ledger.fault(`${what}: clients were told 503, ${unavailable} times`);
  }
  return table(rows);
}

/**
 * @typedef {{ name: string, crowd: Crowd, target: import('./crowd.mjs').Target }} Front
 * @param {{ fronts: Front[], ledger: Ledger, log: (line: string) => void }} options
 */
async function abuse({ fronts, ledger, log }) {
  const rows = [['attack', 'on', 'p50 ms', 'p99 ms', 'what came of it']];
  /** @type {Map<string, number>} */
  const most = new Map();
  for (const [i, what] of ['nothing', ...ATTACKS.map((attack) => attack.what)].entries()) {
    log(`attack: ${what}`);
    for (const { crowd } of fronts) crowd.seen();
    const outcomes = fronts.map(async ({ name, crowd, target }, at) => {
      const fault = (/** @type {string} */ text) => ledger.fault(`${what}, on ${name}: ${text}`);
      const attack = what === 'nothing' ? NO_ATTACK : carryOut({ what, target, network: 20 + 40 * at + i });
      const [{ outcome, faults }] = await Promise.all([attack, pause(LEAST_MS)]);
      faults.forEach(fault);
      const { answers, unavailable, p50Ms, p99Ms } = crowd.seen();
      if (answers === 0 || unavailable > 0)
        fault(`the crowd had ${answers} answers and was told 503 ${unavailable} times`);
      if (what === 'nothing') most.set(name, Math.max(MOST_P99_MS, MOST_TIMES_QUIET * p99Ms));
      if (p99Ms > (most.get(name) ?? MOST_P99_MS)) fault(`p99 of the crowd was ${p99Ms.toFixed(0)} ms`);
      return [what, name, p50Ms.toFixed(1), p99Ms.toFixed(1), outcome];
    });
    rows.push(...(await Promise.all(outcomes)));
  }
  return table(rows);
}

/** Long enough for a p99. */
const LEAST_MS = 4_000;

/** @typedef {{ outcome: string, faults: string[] }} Outcome */

/** @type {Promise<Outcome>} */
const NO_ATTACK = Promise.resolve({ outcome: '', faults: [] });

/**
 * @param {{ what: string, target: import('./crowd.mjs').Target, network: number }} job
 * @returns {Promise<Outcome>}
 */
async function carryOut(job) {
  const attacker = startModule('../scale/attacker.mjs');
  attacker.send(job);
  const outcome = await attacker.receive();
  await attacker.stop();
  return outcome;
}
