// @ts-check
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openBenchService } from './bench-service.mjs';
import { startModule } from './children.mjs';
import { closing } from './closing.mjs';
import { serveProofs, verifyProofs } from './proofs.mjs';
import { BULK, echo, SINGLE, submit, submitBesideEcho, wordsFor } from './rates.mjs';

const LARGEST = { size: 10_000, connections: 8 };

/**
 * All that is measured, in its order.
 * @param {import('./run.mjs').Run} run
 */
export async function allPhases(run) {
  const { options, running } = run;
  const folder = (/** @type {string} */ name) => join(run.folder, name);
  const open = (/** @type {string} */ name) =>
    openBenchService({ folder: folder(name), windowSeconds: options.windowSeconds, running });
  const loads = options.quick ? [...SINGLE.slice(0, 1), ...BULK] : [...SINGLE, ...BULK];
  /**
   * @param {import('./bench-service.mjs').BenchService} service
   * @param {import('./rates.mjs').Load} load
   * @param {string} store
   */
  const phase = (service, load, store) => {
    const what = `${wordsFor(load)}, ${store}`;
    // Against the echo of a bulk request nothing is aimed at: it is measured once, to show that the generator does not limit.
    return load.size === 1 ? submitBesideEcho(run, service, load, what) : submit(run, service, load, { what });
  };

  const appends = await append(run, folder('append'));
  const bulkEchoes = [];
  for (const load of BULK) bulkEchoes.push(await echo(run, load));

  const empty = [];
  for (const load of loads) {
    const service = await open('empty');
    empty.push(await phase(service, load, 'store empty at first'));
    await service.stop();
    rmSync(folder('empty'), { recursive: true });
  }

  const large = await open('large');
  const size = options.largeStore.toLocaleString('en');
  const fill = await submit(run, large, LARGEST, {
    what: `${wordsFor(LARGEST)}, store filled to ${size}`,
    digests: options.largeStore,
  });
  const full = [];
  for (const load of loads) full.push(await phase(large, load, `store of ${size} and more`));
  const proofs = await serveProofs(run, large, fill);
  const verified = await verifyProofs(run, large, fill);
  await large.stop();

  const closings = [];
  for (const [name, store] of [
    ['closing', 'in a store of its own'],
    ['large', 'in the large store'],
  ]) {
    const what = `closing a window of ${options.largeWindow.toLocaleString('en')} ${store}`;
    closings.push(await closing(run, { folder: folder(name ?? ''), what }));
  }
  return { appends, bulkEchoes, empty, fill, full, proofs, verified, closings, peakMemory: run.peakMemory };
}

/** @typedef {Awaited<ReturnType<typeof allPhases>>} Results */

/**
 * @param {import('./run.mjs').Run} run
 * @param {string} folder
 * @returns {Promise<{ oneACommit: number, thousandACommit: number, tenThousandInRuns: number }>} digests a second
 */
async function append(run, folder) {
  run.log('bare appends and bulk echoes');
  mkdirSync(folder);
  const child = startModule('append.mjs', [folder, String(run.options.echoSeconds / 2)]);
  const rates = await child.receive();
  await child.stop();
  rmSync(folder, { recursive: true });
  return rates;
}
