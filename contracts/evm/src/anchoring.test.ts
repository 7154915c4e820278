import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { id, toBeHex, ZeroHash } from 'ethers';
import type { ContractArtifact } from './artifact.js';
import {
  type Anchor,
  type AnchorsContract,
  eventsIn,
  mined,
  openTestChain,
  refusalOf,
  type TestChain,
} from './testing/chain.js';
import { sha256 } from './testing/tree.js';

let chain: TestChain;
let contract: AnchorsContract;

beforeAll(async () => {
  chain = await openTestChain();
});
beforeEach(async () => {
  contract = await chain.deployAnchors();
});
afterAll(() => chain.close());

const U64_MAX = 2n ** 64n - 1n;

function anchorsOf(count: number, from = 0): Anchor[] {
  return Array.from({ length: count }, (_, offset) => {
    const nth = from + offset;
    const root = sha256(toBeHex(nth, 8));
    return { window: 1_795_171_200 + 30 * nth, root, logSize: nth + 1, logRoot: sha256(root) };
  });
}

const asEvent = ({ window, root, logSize, logRoot }: Anchor) => [
  'Anchored',
  BigInt(window),
  root,
  BigInt(logSize),
  logRoot,
];
const state = async () => [await contract.anchorCount(), await contract.latestWindow(), await contract.latestRoot()];

test('the code on the chain is the artifact’s, and nothing is anchored yet', async () => {
  const artifact = JSON.parse(readFileSync(new URL('../artifact.json', import.meta.url), 'utf8')) as ContractArtifact;
  expect(await contract.getDeployedCode()).toBe(artifact.deployedBytecode);
  expect(await state()).toEqual([0n, 0n, ZeroHash]);
  expect(await contract.anchoredAt(sha256('0x'))).toBe(0n);
  expect(await contract.anchoredAt(ZeroHash)).toBe(0n);
});

test('an anchored root has its block’s time', async () => {
  const [anchor] = anchorsOf(1) as [Anchor];
  await chain.provider.send('evm_setNextBlockTimestamp', [2_000_000_000]);
  const receipt = await mined(contract.anchor([anchor]));
  expect((await receipt.getBlock()).timestamp).toBe(2_000_000_000);
  expect(await contract.anchoredAt(anchor.root)).toBe(2_000_000_000n);
  expect(await state()).toEqual([1n, BigInt(anchor.window), anchor.root]);
  expect(await contract.anchoredAt(anchor.logRoot)).toBe(0n);
});

test('the event is laid out as published: window and root are topics', async () => {
  const anchor = { window: U64_MAX, root: sha256('0x01'), logSize: U64_MAX - 1n, logRoot: sha256('0x02') };
  const receipt = await mined(contract.anchor([anchor]));
  expect(receipt.logs).toHaveLength(1);
  const log = receipt.logs[0];
  expect(log?.address).toBe(await contract.getAddress());
  expect(log?.topics).toEqual([id('Anchored(uint64,bytes32,uint64,bytes32)'), toBeHex(U64_MAX, 32), sha256('0x01')]);
  expect(log?.data).toBe(toBeHex(U64_MAX - 1n, 32) + sha256('0x02').slice(2));
  expect(await contract.latestWindow()).toBe(U64_MAX);
});

test('256 roots at once are anchored in order, with an event each', async () => {
  const anchors = anchorsOf(256);
  const receipt = await mined(contract.anchor(anchors));
  expect(eventsIn(receipt, contract)).toEqual(anchors.map(asEvent));
  const time = BigInt((await receipt.getBlock()).timestamp);
  expect(await Promise.all(anchors.map(({ root }) => contract.anchoredAt(root)))).toEqual(anchors.map(() => time));
  const last = anchors[255] as Anchor;
  expect(await state()).toEqual([256n, BigInt(last.window), last.root]);

  const [next] = anchorsOf(1, 256) as [Anchor];
  await mined(contract.anchor([next]));
  expect(await state()).toEqual([257n, BigInt(next.window), next.root]);
});

test('an older window may be anchored after a newer one, and a window twice', async () => {
  const [older, newer, again] = anchorsOf(3) as [Anchor, Anchor, Anchor];
  await mined(contract.anchor([newer]));
  await mined(contract.anchor([older, { ...again, window: older.window }]));
  expect(await state()).toEqual([3n, BigInt(older.window), again.root]);
});

test('no anchor, or more than 256, is refused', async () => {
  expect(await refusalOf(contract.anchor([]))).toEqual(['NoAnchors']);
  expect(await refusalOf(contract.anchor(anchorsOf(257)))).toEqual(['TooManyAnchors', 257n]);
  expect(await state()).toEqual([0n, 0n, ZeroHash]);
});

test('the zero root is refused, wherever it stands', async () => {
  const [good, bad] = anchorsOf(2) as [Anchor, Anchor];
  expect(await refusalOf(contract.anchor([good, { ...bad, root: ZeroHash }]))).toEqual(['ZeroRoot']);
  expect(await contract.anchoredAt(good.root)).toBe(0n);
});

test('a known root is refused with all that came with it, and keeps its time', async () => {
  const [known, other] = anchorsOf(2) as [Anchor, Anchor];
  await chain.provider.send('evm_increaseTime', [60]);
  await mined(contract.anchor([known]));
  const time = await contract.anchoredAt(known.root);

  const again = [other, { ...known, window: 1 }];
  await chain.provider.send('evm_increaseTime', [60]);
  expect(await refusalOf(contract.anchor(again))).toEqual(['AlreadyAnchored', known.root]);
  // With a gas limit given nobody asks the node first: the transaction is mined, and fails there.
  const sent = await contract.anchor(again, { gasLimit: 200_000 });
  expect(await sent.wait().catch((error: unknown) => error)).toMatchObject({ receipt: { status: 0 } });
  expect(await contract.anchoredAt(known.root)).toBe(time);
  expect(await contract.anchoredAt(other.root)).toBe(0n);
  expect(await state()).toEqual([1n, BigInt(known.window), known.root]);
});

test('a root twice in one list is refused', async () => {
  const [one, two] = anchorsOf(2) as [Anchor, Anchor];
  expect(await refusalOf(contract.anchor([one, two, { ...one, window: 1 }]))).toEqual(['AlreadyAnchored', one.root]);
  expect(await state()).toEqual([0n, 0n, ZeroHash]);
});

test('it takes no money', async () => {
  const to = await contract.getAddress();
  await expect(chain.accounts[0].sendTransaction({ to, value: 1n })).rejects.toMatchObject({ code: 'CALL_EXCEPTION' });
  const data = contract.interface.encodeFunctionData('anchor', [anchorsOf(1)]);
  const paid = chain.accounts[0].sendTransaction({ to, data, value: 1n });
  await expect(paid).rejects.toMatchObject({ code: 'CALL_EXCEPTION' });
});
