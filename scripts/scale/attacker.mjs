// @ts-check
import { ATTACKS } from './attacks.mjs';

// Carries out one attack, in a process of its own: what it costs the attacker must not slow down those whose answers are timed.

process.once('disconnect', () => process.exit(1)); // the test is gone
process.once(
  'message',
  async (/** @type {{ what: string, target: import('./crowd.mjs').Target, network: number }} */ job) => {
    const { what, target, network } = job;
    /** @type {string[]} */
    const faults = [];
    try {
      const attack = ATTACKS.find((one) => one.what === what);
      const outcome = await attack?.run({ target, network, fault: (text) => void faults.push(text) });
      process.send?.({ outcome, faults });
    } catch (error) {
      process.send?.({ outcome: 'failed', faults: [`the attack failed: ${/** @type {Error} */ (error).message}`] });
    }
  },
);
