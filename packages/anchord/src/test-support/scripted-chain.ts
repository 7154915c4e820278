import type { Chain, ChainHealth, TransactionStatus } from '../chain/chain.js';
import { CHAIN } from './anchoring-bench.js';

const block = { number: 9, hash: `0x${'b9'.repeat(32)}`, time: '2026-11-20T10:00:33.000Z' };

/** Answers that a real node gives only at bad moments. */
export const ABSENT: TransactionStatus = { state: 'absent' };
export const PENDING: TransactionStatus = { state: 'pending' };
export const FINAL: TransactionStatus = { state: 'included', succeeded: true, final: true, block };

export const HEALTH: ChainHealth = { height: 12, finalHeight: 10, balance: 7n, anchorCost: 2n, anchorsAffordable: 3 };

/** The methods that ask the chain. */
const ASKS = new Set([
  'check',
  'health',
  'finalNonce',
  'forecast',
  'sign',
  'broadcast',
  'findTransaction',
  'findAnchors',
]);

/** A chain that takes everything and makes it final at once, but for the methods given. It notes what it was asked. */
export function scriptedChain(methods: Partial<Chain> = {}): Chain & { calls: string[] } {
  const calls: string[] = [];
  let signed = 0n;
  const chain: Chain = {
    ...{ type: 'zilliqa-evm', chain: CHAIN, contract: `0x${'c0'.repeat(20)}`, account: '0xACC0', decimals: 18 },
    maxAnchorsPerTransaction: 256,
    check: async () => undefined,
    health: async () => HEALTH,
    finalNonce: async () => signed,
    forecast: async () => ({ result: 'ok', gasLimit: 100_000n }),
    sign: async (_anchors, nonce, _gasLimit, replaces) => {
      signed = nonce + 1n;
      const transactionId = `0x${nonce}${replaces === undefined ? '' : ` after ${replaces}`}`;
      return {
        result: 'signed',
        transaction: { transactionId, nonce, signedBytes: Buffer.from(transactionId), fee: transactionId },
      };
    },
    broadcast: async () => ({ result: 'accepted' }),
    findTransaction: async () => FINAL,
    latestWindow: async () => 0n,
    findAnchors: async () => [],
    highestCost: () => 5n,
    listen: () => undefined,
    endpoints: () => [],
    close: () => undefined,
    ...methods,
  };
  return new Proxy(Object.assign(chain, { calls }), {
    get(object, name) {
      const member = Reflect.get(object, name) as unknown;
      if (typeof member === 'function' && ASKS.has(String(name))) calls.push(String(name));
      return member;
    },
  });
}
