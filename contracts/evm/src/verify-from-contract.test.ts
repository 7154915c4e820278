import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BaseContract, type BaseContractMethod, toUtf8Bytes } from 'ethers';
import { compileContract } from './compile.js';
import { mined, openTestChain, type TestChain } from './testing/chain.js';
import { leafHash, sha256 } from './testing/tree.js';

type Proof = [salt: string, leafIndex: number, treeSize: number, path: string[]];

interface SealedBids extends BaseContract {
  inTime: BaseContractMethod<[bid: Uint8Array, ...Proof], boolean>;
}

const DEADLINE = 2_000_000_000;
let chain: TestChain;

beforeAll(async () => {
  chain = await openTestChain();
});
afterAll(() => chain.close());

test('the contract of the README accepts a bid sealed by its deadline, and none sealed later or never', async () => {
  const anchors = await chain.deployAnchors();
  const { abi, bytecode } = compileContract(readmeExample(), 'SealedBids');
  const bids = (await chain.deploy(abi, bytecode, await anchors.getAddress(), DEADLINE)) as SealedBids;

  const sealAt = async (time: number, root: string): Promise<void> => {
    await chain.provider.send('evm_setNextBlockTimestamp', [time]);
    await mined(anchors.anchor([{ window: time, root, logSize: 1, logRoot: root }]));
  };
  const bid = (text: string): Uint8Array => toUtf8Bytes(text);
  const salt = '0x00112233445566778899aabbccddeeff';
  const leafOf = (text: string) => leafHash(sha256(Buffer.from(bid(text)).toString('hex')), salt);

  const [early, neighbour, late] = [leafOf('Alice: 100'), leafOf('Bob: 120'), leafOf('Carol: 140')];
  await sealAt(DEADLINE, sha256('0x01', early, neighbour));
  await sealAt(DEADLINE + 1, late);

  expect(await bids.inTime(bid('Alice: 100'), salt, 0, 2, [neighbour])).toBe(true);
  expect(await bids.inTime(bid('Bob: 120'), salt, 1, 2, [early])).toBe(true);
  expect(await bids.inTime(bid('Alice: 101'), salt, 0, 2, [neighbour])).toBe(false);
  expect(await bids.inTime(bid('Alice: 100'), salt, 1, 2, [neighbour])).toBe(false);
  expect(await anchors.verify(sha256(Buffer.from(bid('Carol: 140')).toString('hex')), salt, 0, 1, [])).not.toBe(0n);
  expect(await bids.inTime(bid('Carol: 140'), salt, 0, 1, [])).toBe(false);
});

function readmeExample(): string {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const source = /^```solidity\n(.*?)^```$/ms.exec(readme)?.[1];
  if (source === undefined) throw new Error('README.md has no Solidity example');
  return source;
}
