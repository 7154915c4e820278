import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type JsonRpcSigner, ZeroAddress } from 'ethers';
import {
  type AnchorsContract,
  as,
  eventsIn,
  mined,
  openTestChain,
  refusalOf,
  type TestChain,
} from './testing/chain.js';
import { sha256 } from './testing/tree.js';

let chain: TestChain;
let first: JsonRpcSigner, second: JsonRpcSigner, stranger: JsonRpcSigner;
let contract: AnchorsContract;

beforeAll(async () => {
  chain = await openTestChain();
  [first, second, stranger] = chain.accounts;
});
afterAll(() => chain.close());

const anchors = (root: string) => [{ window: 30, root: sha256(root), logSize: 1, logRoot: sha256('0x') }];
const owners = async () => [await contract.owner(), await contract.pendingOwner()];

test('who deploys is the owner', async () => {
  contract = await chain.deployAnchors();
  expect(await owners()).toEqual([first.address, ZeroAddress]);
});

test('a stranger may do nothing', async () => {
  contract = await chain.deployAnchors();
  const theirs = as(stranger, contract);
  expect(await refusalOf(theirs.anchor(anchors('0x01')))).toEqual(['NotOwner']);
  expect(await refusalOf(theirs.anchor([]))).toEqual(['NotOwner']);
  expect(await refusalOf(theirs.transferOwnership(stranger.address))).toEqual(['NotOwner']);
  expect(await refusalOf(theirs.acceptOwnership())).toEqual(['NotPendingOwner']);
  expect(await owners()).toEqual([first.address, ZeroAddress]);
  expect(await contract.anchorCount()).toBe(0n);
});

test('ownership passes in two steps, and what was anchored stays', async () => {
  contract = await chain.deployAnchors();
  await mined(contract.anchor(anchors('0x01')));

  const offered = await mined(contract.transferOwnership(second.address));
  expect(eventsIn(offered, contract)).toEqual([['OwnershipTransferRequested', second.address]]);
  expect(await owners()).toEqual([first.address, second.address]);
  expect(await refusalOf(as(second, contract).anchor(anchors('0x02')))).toEqual(['NotOwner']);
  expect(await refusalOf(as(second, contract).transferOwnership(second.address))).toEqual(['NotOwner']);
  expect(await refusalOf(as(stranger, contract).acceptOwnership())).toEqual(['NotPendingOwner']);
  expect(await refusalOf(contract.acceptOwnership())).toEqual(['NotPendingOwner']);
  await mined(contract.anchor(anchors('0x02')));

  const accepted = await mined(as(second, contract).acceptOwnership());
  expect(eventsIn(accepted, contract)).toEqual([['OwnershipTransferred', second.address]]);
  expect(await owners()).toEqual([second.address, ZeroAddress]);
  expect(await refusalOf(contract.anchor(anchors('0x03')))).toEqual(['NotOwner']);
  expect(await refusalOf(contract.transferOwnership(first.address))).toEqual(['NotOwner']);
  expect(await refusalOf(as(second, contract).acceptOwnership())).toEqual(['NotPendingOwner']);
  await mined(as(second, contract).anchor(anchors('0x03')));
  expect(await contract.anchorCount()).toBe(3n);
  expect(await contract.latestRoot()).toBe(sha256('0x03'));
  expect(await contract.anchoredAt(sha256('0x01'))).not.toBe(0n);
});

test('a new offer replaces the one before, and the zero address withdraws it', async () => {
  contract = await chain.deployAnchors();
  await mined(contract.transferOwnership(stranger.address));
  await mined(contract.transferOwnership(second.address));
  expect(await refusalOf(as(stranger, contract).acceptOwnership())).toEqual(['NotPendingOwner']);

  const withdrawn = await mined(contract.transferOwnership(ZeroAddress));
  expect(eventsIn(withdrawn, contract)).toEqual([['OwnershipTransferRequested', ZeroAddress]]);
  expect(await refusalOf(as(second, contract).acceptOwnership())).toEqual(['NotPendingOwner']);
  expect(await owners()).toEqual([first.address, ZeroAddress]);
});
