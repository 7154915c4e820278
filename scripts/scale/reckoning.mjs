// @ts-check
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { chainReaders, fromHex, verifyProof, verifyStructure } from '../../packages/shared/dist/index.js';
import { Client } from './crowd.mjs';

const CHAIN = 'eip155:31337';
/** Of Node, for there are many. */
const NATIVE = (/** @type {Uint8Array} */ input, /** @type {Uint8Array} */ out, /** @type {number} */ at) => {
  out.set(createHash('sha256').update(input).digest(), at);
};
/** Proofs asked for at once. */
const AT_ONCE = 500;
/** Of so many the chain is asked as well, the others are checked up to their window's root and the log. */
const ON_THE_CHAIN = 40;

/**
 * In the end every digest that was acknowledged has to be in a complete proof that holds and is of its receipt.
 *
 * @param {{ ledger: import('./crowd.mjs').Ledger, target: import('./crowd.mjs').Target, rpcUrl: string }} options
 * @returns {Promise<{ digests: number, windows: number }>}
 */
export async function reckon({ ledger, target, rpcUrl }) {
  const client = new Client(target, '127.0.9.1');
  const digests = [...ledger.acknowledged.keys()];
  /** @type {Map<string, { proof: any, status: string }>} */
  const found = new Map();
  for (let from = 0; from < digests.length; from += AT_ONCE) {
    const some = digests.slice(from, from + AT_ONCE);
    for (const item of await untilFinal(client, some)) found.set(item.digest, item);
  }
  const readers = chainReaders(CHAIN, [rpcUrl]);
  let i = 0;
  for (const digest of digests) {
    const { proof, status } = found.get(digest) ?? { proof: undefined, status: 'missing' };
    if (status !== 'final') {
      ledger.fault(`${digest} was acknowledged and is ${status}`);
      continue;
    }
    ledger.holds(digest, proof);
    const asks = i++ % Math.ceil(digests.length / ON_THE_CHAIN) === 0;
    const outcome = asks
      ? await verifyProof(fromHex(digest), proof, () => readers)
      : verifyStructure(fromHex(digest), JSON.stringify(proof), NATIVE);
    if (!outcome.ok) ledger.fault(`the proof of ${digest} does not hold: ${outcome.code}`);
  }
  client.close();
  return {
    digests: digests.length,
    windows: new Set([...ledger.acknowledged.values()].map(({ window }) => window)).size,
  };
}

/**
 * @param {Client} client
 * @param {readonly string[]} digests
 * @returns {Promise<{ digest: string, status: string, proof: any }[]>}
 */
async function untilFinal(client, digests) {
  for (const until = Date.now() + 60_000; ;) {
    const { status, text } = await client.send('POST', '/api/v1/proofs', { body: { digests } });
    if (status === 200) {
      const { items } = JSON.parse(text);
      if (items.every((/** @type {{ status: string }} */ item) => item.status === 'final') || Date.now() > until)
        return items;
    } else if (Date.now() > until) throw new Error(`proofs were answered ${status}: ${text.slice(0, 200)}`);
    await pause(1_000);
  }
}
