// @ts-check
import { startModule } from './children.mjs';
import { Digests } from './digests.mjs';
import { runLoad } from './load.mjs';
import { rateOf } from './rates.mjs';

const CONNECTIONS = 64;
/** So many proofs stand in the proxy's cache with ease. */
const CACHED = 5_000;
const VERIFIED = 500;

/**
 * Proofs served a second: of digests that stand far from each other in the store, each asked once; then the same few from the proxy's cache.
 *
 * @param {import('./run.mjs').Run} run
 * @param {import('./bench-service.mjs').BenchService} service
 * @param {{ from: number, end: number }} range of final digests
 */
export async function serveProofs(run, service, { from, end }) {
  const { key, options } = run;
  const seconds = options.seconds / 2;
  const job = {
    kind: /** @type {const} */ ('proofs'),
    port: service.port,
    key,
    connections: CONNECTIONS,
    seconds,
    from,
    end,
  };
  const serve = async (/** @type {string} */ what, /** @type {number} */ distinct, /** @type {number} */ times) => {
    run.log(what);
    const loaded = await runLoad({ ...job, distinct, times, warmUpSeconds: options.quick ? 2 : 5 }, service.pids);
    if (loaded.statuses['200'] !== Object.values(loaded.statuses).reduce((sum, n) => sum + n, 0))
      run.problem(`${what}: not all were complete: ${JSON.stringify(loaded.statuses)}`);
    const rate = rateOf(what, loaded);
    run.log(`  ${Math.round(rate.requestsPerSecond)} proofs/s`);
    return rate;
  };
  return {
    store: await serve('proofs from the store', Math.min(end - from, 5_000_000), 1),
    cache: await serve('proofs from the cache', Math.min(end - from, CACHED), Infinity),
  };
}

/**
 * Proofs of the same range, as files have them, verified by one thread.
 *
 * @param {import('./run.mjs').Run} run
 * @param {import('./bench-service.mjs').BenchService} service
 * @param {{ from: number, end: number }} range
 */
export async function verifyProofs(run, service, { from, end }) {
  run.log('proofs verified');
  const digests = new Digests(run.key);
  const proofs = [];
  for (let i = 0; i < VERIFIED; i++) {
    const digest = digests.hex(from + Math.floor(((end - from) * i) / VERIFIED), 1);
    proofs.push({ digest, text: JSON.stringify(await service.get(`/api/v1/proofs/${digest}`)) });
  }
  const verifier = startModule('verify.mjs');
  verifier.send({ proofs, seconds: run.options.echoSeconds / 2 });
  const rates = await verifier.receive();
  await verifier.stop();
  run.log(
    `  ${Math.round(rates.native)} /s with Node's SHA-256, ${Math.round(rates.portable)} /s with the portable one`,
  );
  const bytes = Math.round(proofs.reduce((sum, { text }) => sum + text.length, 0) / VERIFIED);
  return { ...rates, proofBytes: bytes };
}
