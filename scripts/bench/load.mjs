// @ts-check
import { startModule } from './children.mjs';
import { watchCpu } from './cpu.mjs';

/**
 * @typedef {import('./histogram.mjs').Outcome & { cores: Record<string, number> }} Loaded what was seen, and the cores that each process kept busy
 */

/**
 * Starts a load generator and gives it its job. Resolves when it has begun to measure, to a function that awaits its outcome.
 *
 * @param {import('./load-generator.mjs').Job} job
 * @param {Record<string, number>} pids whose CPU time is watched besides the generator's
 */
export async function startLoad(job, pids) {
  const generator = startModule('load-generator.mjs');
  generator.send(job);
  const receive = async (/** @type {string} */ event) => {
    const message = await generator.receive();
    if (message.event === event) return message;
    await generator.stop();
    throw new Error(`the load generator failed: ${message.why ?? `${message.event} instead of ${event}`}`);
  };
  await receive('measuring');
  const cores = watchCpu({ generator: generator.pid, ...pids });
  return {
    stop: () => generator.send('stop'),
    /** @returns {Promise<Loaded>} */
    outcome: async () => {
      const { outcome } = await receive('done');
      const loaded = { ...outcome, cores: cores() };
      await generator.stop();
      return loaded;
    },
  };
}

/**
 * @param {import('./load-generator.mjs').Job} job
 * @param {Record<string, number>} pids
 * @returns {Promise<Loaded>}
 */
export async function runLoad(job, pids) {
  return (await startLoad(job, pids)).outcome();
}
