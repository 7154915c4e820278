import { expect } from '@jest/globals';
import type { Chain, RootToAnchor, SignedTransaction } from '../chain/chain.js';
import { type Bench, CHAIN } from './anchoring-bench.js';

/** The root of one window more. */
export function nextRoot(bench: Bench): RootToAnchor {
  const [id] = bench.close(1) as [number];
  const found = bench.anchors.findUnanchored(CHAIN, 256).find((window) => window.id === id)!;
  return { window: id, root: found.root, logSize: found.logSize, logRoot: found.logRoot };
}

/** Signs the anchors of these roots, past any anchorer. */
export async function signAnchors(
  chain: Chain,
  roots: readonly RootToAnchor[],
  { nonce = 1n, replaces = '' } = {},
): Promise<SignedTransaction> {
  const signed = await chain.sign(roots, nonce, 3_000_000n, ...(replaces === '' ? [] : [replaces]));
  if (signed.result === 'refused') throw new Error(signed.detail);
  return signed.transaction;
}

/** Brings one root into a block, which is not final yet. */
export async function anchorOne(bench: Bench): Promise<{ anchor: RootToAnchor; transactionId: string }> {
  const anchor = nextRoot(bench);
  const { signedBytes, transactionId } = await signAnchors(bench.chain, [anchor]);
  expect(await bench.chain.broadcast(signedBytes)).toEqual({ result: 'accepted' });
  await bench.anvil.mine();
  return { anchor, transactionId };
}
