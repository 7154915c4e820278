import { expect, test } from '@jest/globals';
import { type ChainTransaction, checkAnchor } from './chain-reader.js';
import { ChronosError } from './errors.js';
import type { Anchor, Proof } from './proof.js';

const anchor: Anchor = {
  type: 'zilliqa-evm',
  chain: 'eip155:32769',
  contract: `0x${'ab'.repeat(20)}`,
  transaction: `0x${'cd'.repeat(32)}`,
  block: { number: 100, hash: `0x${'ef'.repeat(32)}`, time: '2026-11-20T10:00:33.000Z' },
};
const root = '12'.repeat(32);
const proof = {
  window: { id: 30, seconds: 30 },
  inclusion: { leafIndex: 0, treeSize: 1, path: [], root },
} as unknown as Proof;
const good: ChainTransaction = {
  succeeded: true,
  final: true,
  block: { number: 100, hash: anchor.block.hash, timeMs: Date.parse(anchor.block.time) },
  anchored: [{ contract: anchor.contract, window: 30n, root }],
};

function check(answer: ChainTransaction | Error) {
  const findTransaction = () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
  return checkAnchor({ chain: anchor.chain, endpoint: 'https://node.example', findTransaction }, anchor, proof);
}

test.each<[string, string, ChainTransaction | Error]>([
  ['anchor_mismatch', 'failed', { ...good, succeeded: false }],
  ['anchor_mismatch', 'no_event', { ...good, anchored: [] }],
  ['anchor_mismatch', 'other_root', { ...good, anchored: [{ ...good.anchored[0]!, window: 60n }] }],
  ['anchor_mismatch', 'block_number', { ...good, block: { ...good.block, number: 101 } }],
  ['anchor_mismatch', 'block_hash', { ...good, block: { ...good.block, hash: `0x${'00'.repeat(32)}` } }],
  ['anchor_mismatch', 'block_time', { ...good, block: { ...good.block, timeMs: 0 } }],
  ['chain_unreachable', 'other_chain', new ChronosError('chain_unreachable', 'no', { servedChain: 'eip155:1' })],
  ['chain_unreachable', 'rate_limited', new ChronosError('chain_unreachable', 'no', { fault: 'rate_limited' })],
])('%s is told closer: %s', async (code, problem, answer) => {
  expect(await check(answer)).toMatchObject({ ok: false, code, problem });
});

test('what is told by its code alone has no closer problem', async () => {
  expect(await check(good)).not.toHaveProperty('problem');
  expect(await check({ ...good, final: false })).not.toHaveProperty('problem');
  expect(await check(new ChronosError('chain_unreachable', 'no'))).not.toHaveProperty('problem');
});
