import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BytesLike, getBytes, toBeHex } from 'ethers';
import { type Anchor, type AnchorsContract, mined, openTestChain, type TestChain } from './testing/chain.js';
import { leafHash, pathLength, rootFromPath, sha256 } from './testing/tree.js';

let chain: TestChain;
let contract: AnchorsContract;
let anchored = 0;

beforeAll(async () => {
  chain = await openTestChain();
  contract = await chain.deployAnchors();
});
afterAll(() => chain.close());

/** Fresh anchors as a service has them that is a year old. The same in every run, so that the figures are too. */
function nextAnchors(count: number): Anchor[] {
  return Array.from({ length: count }, () => {
    const nth = 1_000_000 + anchored++;
    const root = sha256(toBeHex(nth, 8));
    return { window: 1_795_171_200 + 30 * nth, root, logSize: nth, logRoot: sha256(root) };
  });
}

const gasToAnchor = async (anchors: Anchor[]): Promise<bigint> => (await mined(contract.anchor(anchors))).gasUsed;

/** The gas limit that the README gives for n anchors. */
const gasLimit = (count: number): bigint => 60_000n + 27_000n * BigInt(count);

test('what it costs', async () => {
  const deployed = await contract.deploymentTransaction()?.wait();
  const figures: [string, bigint][] = [['deploy', deployed?.gasUsed ?? 0n]];
  for (const [title, count] of [
    ['the first anchor', 1],
    ['a later anchor', 1],
    ['10 anchors at once', 10],
    ['256 anchors at once', 256],
  ] as const) {
    const gas = await gasToAnchor(nextAnchors(count));
    expect(gas).toBeLessThan(gasLimit(count));
    figures.push([title, gas]);
  }

  const ofMillion = await gasToVerify(654_321n, 1_000_000n);
  const ofOne = await gasToVerify(0n, 1n);
  figures.push(['verify, a leaf of 1,000,000, as a transaction', ofMillion.transaction]);
  figures.push(['verify, the same, within a contract’s call', ofMillion.inside]);
  figures.push(['verify, a leaf of one', ofOne.inside]);
  expect(ofMillion.siblings).toBe(20);
  expect(ofMillion.inside).toBeLessThan(30_000n);

  const width = Math.max(...figures.map(([title]) => title.length));
  const line = ([title, gas]: [string, bigint]) =>
    `  ${title.padEnd(width)} ${gas.toLocaleString('en').padStart(10)}\n`;
  process.stdout.write(`\nGas of ChronosAnchors\n${figures.map(line).join('')}\n`);
});

test('the gas limit of the README is enough for the dearest anchors there are', async () => {
  const worst = (from: number, count: number): Anchor[] =>
    Array.from({ length: count }, (_, nth) => {
      const root = `0x${(2n ** 256n - 1n - BigInt(from + nth)).toString(16)}`;
      return { window: 2n ** 64n - 1n, root, logSize: 2n ** 64n - 1n, logRoot: `0x${'ff'.repeat(32)}` };
    });
  contract = await chain.deployAnchors();
  expect(await gasToAnchor(worst(0, 1))).toBeLessThan(gasLimit(1));
  expect(await gasToAnchor(worst(1, 2))).toBeLessThan(gasLimit(2));
  expect(await gasToAnchor(worst(3, 256))).toBeLessThan(gasLimit(256));
});

async function gasToVerify(index: bigint, size: bigint) {
  const submitted = sha256(toBeHex(index, 8));
  const salt = sha256(submitted).slice(0, 34);
  const path = Array.from({ length: pathLength(index, size) }, (_, level) => sha256(toBeHex(level + 1, 8)));
  const root = rootFromPath(leafHash(submitted, salt), index, size, path) ?? '';
  await gasToAnchor([{ window: 1, root, logSize: 1, logRoot: root }]);
  expect(await contract.verify(submitted, salt, index, size, path)).not.toBe(0n);

  const data = contract.interface.encodeFunctionData('verify', [submitted, salt, index, size, path]);
  const receipt = await mined(chain.accounts[0].sendTransaction({ to: await contract.getAddress(), data }));
  return { siblings: path.length, transaction: receipt.gasUsed, inside: receipt.gasUsed - intrinsicGas(data) };
}

/** What a transaction costs before its first instruction (EIP-2028). */
function intrinsicGas(data: BytesLike): bigint {
  return getBytes(data).reduce((gas, byte) => gas + (byte === 0 ? 4n : 16n), 21_000n);
}
