// @ts-check
import { setTimeout as pause } from 'node:timers/promises';
import { untilReady } from '../local/child.mjs';

/**
 * What is done to the parts while a crowd goes on using the service.
 * @typedef {{ what: string, run: (stack: import('./stack.mjs').Stack, folder: string) => Promise<void> }} Outage
 */

/** A while in which the crowd meets what has just been done. */
const WHILE_MS = 2_500;

/** @type {readonly Outage[]} */
export const OUTAGES = [
  { what: 'nothing', run: () => pause(2 * WHILE_MS) },
  {
    what: 'one proxy killed, started again',
    run: async (stack) => {
      const [proxy] = stack.proxies;
      await proxy?.child.stop('SIGKILL');
      await pause(WHILE_MS);
      proxy?.start();
      await proxy?.untilUp();
      await stack.untilAllUp();
    },
  },
  {
    what: 'all but one killed at once',
    run: async (stack) => {
      const killed = stack.proxies.slice(1);
      await Promise.all(killed.map(({ child }) => child.stop('SIGKILL')));
      await pause(WHILE_MS);
      for (const proxy of killed) proxy.start();
      await stack.untilAllUp();
    },
  },
  {
    what: 'all rolled, one after another',
    run: async (stack) => {
      for (const proxy of stack.proxies) {
        await proxy.child.stop(); // it drains
        proxy.start();
        await proxy.untilUp();
        await stack.untilAllUp();
      }
    },
  },
  { what: 'anchord restarted', run: (stack, folder) => anchordAgain(stack, folder, 'SIGTERM') },
  { what: 'anchord killed, started again', run: (stack, folder) => anchordAgain(stack, folder, 'SIGKILL') },
];

/** Of outages in which a well-behaved client must not see as much as a 503: another proxy takes over. */
export const UNSEEN = new Set(['nothing', 'one proxy killed, started again', 'all rolled, one after another']);

/** @type {import('../local/child.mjs').Child | undefined} */
let anchord;

/**
 * @param {import('./stack.mjs').Stack} stack
 * @param {string} folder
 * @param {NodeJS.Signals} signal
 */
async function anchordAgain(stack, folder, signal) {
  const { service } = stack;
  anchord ??= service.anchord;
  await anchord.stop(signal);
  await pause(WHILE_MS); // long enough for HAProxy to see that no proxy is ready
  anchord = service.startAgain('anchord');
  await untilReady(anchord, `${folder}/logs/anchord.log`, () => service.isUp('anchord'));
  await stack.untilAllUp();
  await pause(WHILE_MS); // and for the clients to come back, who were told to
}
