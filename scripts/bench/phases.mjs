// @ts-check
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openBenchService } from './bench-service.mjs';
import { startModule } from './children.mjs';
import { closing } from './closing.mjs';
import { serveProofs, verifyProofs } from './proofs.mjs';
import { echo, SIZES, submit, submitBesideEcho } from './rates.mjs';

const BULK = { size: 10_000, connections: 8 };

/**
 * All that is measured, in its order.
 * @param {import('./run.mjs').Run} run
 */
export async function allPhases(run) {
  const { options, running } = run;
  const folder = (/** @type {string} */ name) => join(run.folder, name);
  const open = (/** @type {string} */ name) =>
    openBenchService({ folder: folder(name), windowSeconds: options.windowSeconds, running });

  const yardsticks = {
    append: await append(run, folder('append')),
    echo: await echo(run, { size: 1, connections: 64 }),
  };

  /** @type {Awaited<ReturnType<typeof submitBesideEcho>>[]} */
  const empty = [];
  for (const load of SIZES) {
    const service = await open(`empty-${load.size}`);
    empty.push(await submitBesideEcho(run, service, load, `requests of ${load.size}, store empty at first`));
    await service.stop();
    rmSync(folder(`empty-${load.size}`), { recursive: true });
  }

  const large = await open('large');
  const fill = await submit(run, large, BULK, {
    what: `filling the store to ${options.largeStore}, requests of ${BULK.size}`,
    digests: options.largeStore,
  });
  /** @type {typeof empty} */
  const full = [];
  for (const load of SIZES) {
    full.push(
      await submitBesideEcho(run, large, load, `requests of ${load.size}, store of ${options.largeStore} and more`),
    );
  }
  const proofs = await serveProofs(run, large, fill);
  const verified = await verifyProofs(run, large, fill);
  await large.stop();

  const closings = [
    await closing(run, { folder: folder('closing'), what: `closing a window of ${options.largeWindow}` }),
    await closing(run, {
      folder: folder('large'),
      what: `closing a window of ${options.largeWindow} on the large store`,
    }),
  ];
  return { yardsticks, empty, fill, full, proofs, verified, closings, peakMemory: run.peakMemory };
}

/** @typedef {Awaited<ReturnType<typeof allPhases>>} Results */

/**
 * @param {import('./run.mjs').Run} run
 * @param {string} folder
 * @returns {Promise<{ oneACommit: number, thousandACommit: number, tenThousandInRuns: number }>} digests a second
 */
async function append(run, folder) {
  run.log('bare appends and echo');
  mkdirSync(folder);
  const child = startModule('append.mjs', [folder, String(run.options.echoSeconds / 2)]);
  const rates = await child.receive();
  await child.stop();
  rmSync(folder, { recursive: true });
  return rates;
}
