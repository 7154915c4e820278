import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Chain, RootToAnchor } from '../../chain/chain.js';
import { CHAIN, newWallet, TIMING } from '../../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../../test-support/anvil.js';
import { openRig, type Rig } from '../../test-support/chain-rig.js';
import { rewriting } from '../../test-support/fault-proxy.js';

// The chain takes back what it said, holds what this store knows nothing of, or tells odd times.

jest.setTimeout(60_000);

let anvil: Anvil;
let rig: Rig;
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  rig = await openRig(anvil);
});
afterEach(async () => {
  await rig.stop();
  rig.dispose();
});
afterAll(() => anvil.stop());

const unfinished = () => rig.anchors.findUnfinishedAttempts(CHAIN);

/** Makes `address` the owner, beside the rules: slot 0 holds the owner in its low 20 bytes. */
async function setOwner(address: string): Promise<void> {
  const slot = (await anvil.rpc('eth_getStorageAt', rig.contract, '0x0', 'latest')) as string;
  const value = slot.slice(0, -40) + address.slice(2).toLowerCase();
  await anvil.rpc('anvil_setStorageAt', rig.contract, `0x${'0'.repeat(64)}`, value);
}

/** Anchors these windows in one transaction, past the anchorer. Gives its id. */
async function anchorBy(chain: Chain, windows: readonly number[], nonce: bigint): Promise<string> {
  const roots = rig.anchors
    .findUnanchored(CHAIN, 1000)
    .filter(({ id }) => windows.includes(id))
    .map(({ id, root, logSize, logRoot }): RootToAnchor => ({ window: id, root, logSize, logRoot }));
  const signed = await chain.sign(roots, nonce, 1_000_000n);
  if (signed.result !== 'signed') throw new Error(signed.detail);
  await chain.broadcast(signed.transaction.signedBytes);
  await anvil.mine();
  return signed.transaction.transactionId;
}

/** The same by another account, while it owns the contract. */
async function anchorByAnother(windows: readonly number[]): Promise<string> {
  const wallet = await newWallet(rig.folder, anvil);
  const theirs = rig.openChain({ wallet });
  await setOwner(wallet.address);
  const transaction = await anchorBy(theirs, windows, 0n);
  await setOwner(rig.wallet.address);
  theirs.close();
  return transaction;
}

describe('a block is taken back before it is final:', () => {
  test.each<[string, (snapshot: unknown) => Promise<unknown>]>([
    ['another without the transaction takes its place', () => anvil.rpc('anvil_reorg', 1, [])],
    ['and the node forgets the transaction', (snapshot) => anvil.rpc('evm_revert', snapshot)],
  ])('%s: the same bytes are sent again', async (_name, takeBack) => {
    rig.start();
    await rig.pass();
    const snapshot = await anvil.rpc('evm_snapshot');
    const windows = rig.closeWindows(2);
    await rig.pass(2_000);
    await rig.pass(2_000, { blocks: 0 });
    const [attempt] = unfinished();
    expect(attempt).toMatchObject({ state: 'included' });
    await takeBack(snapshot);
    await rig.pass(2_000, { blocks: 0 });
    expect(unfinished()).toMatchObject([{ state: 'broadcast', transactionId: attempt!.transactionId }]);
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
    expect(rig.told()).toEqual(['the chain took a block with an anchor back']);
    expect(rig.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: attempt!.transactionId }]);
  });
});

describe('roots are on the chain already, from a transaction that this store knows nothing of:', () => {
  test('before anything is signed: they are taken over, and only the others are paid for', async () => {
    const windows = rig.close(3);
    const theirs = await anchorByAnother(windows.slice(1, 2));
    rig.start();
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
    expect(rig.anchors.findAnchors(windows[1]!)).toMatchObject([{ transaction: theirs }]);
    // It waits until their block is final.
    const adopted = 'took over anchors that were on the chain already';
    expect(rig.told()).toEqual(['anchoring does not go on', adopted, 'anchoring goes on']);
    expect(rig.events).toContainEqual(
      expect.objectContaining({ event: 'adopted', transactions: [theirs], windows: 1 }),
    );
  });

  test('while ours is in the pool: it reverts, which is told, and the rest goes with the next', async () => {
    rig.start();
    const windows = rig.closeWindows(2);
    await rig.pass(1, { blocks: 0 });
    const [attempt] = unfinished();
    await anvil.rpc('anvil_dropTransaction', attempt!.transactionId);
    const theirs = await anchorByAnother(windows.slice(0, 1));
    await anvil.rpc('eth_sendRawTransaction', `0x${Buffer.from(attempt!.signedBytes).toString('hex')}`);
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 2);
    expect(rig.told()).toEqual(['an anchor failed', 'took over anchors that were on the chain already']);
    const failed = { level: 40, event: 'failed', cause: 'reverted', transaction: attempt!.transactionId };
    const reason = expect.stringMatching(/^the contract refused it in block \d+$/);
    expect(rig.lines).toContainEqual(expect.objectContaining({ ...failed, reason }));
    expect(rig.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: theirs }]);
  });
});

test('somebody else with the key uses the nonce: the attempt is given up, and its windows go with the next', async () => {
  rig.start();
  const windows = rig.closeWindows(2);
  await rig.pass(1, { blocks: 0 });
  const [attempt] = unfinished();
  const { wallet } = rig;
  const foreign = wallet.sign({
    ...{ type: 2, chainId: 31337, nonce: Number(attempt!.nonce), to: wallet.address, gasLimit: 21_000 },
    ...{ maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n },
  });
  await anvil.rpc('eth_sendRawTransaction', foreign);
  await anvil.mine(3);
  await rig.pass(TIMING.lostAfterMs / 2);
  expect(unfinished()).toHaveLength(1);
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 2);
  expect(rig.told()).toEqual(['an anchor failed']);
  const reason = `its nonce ${attempt!.nonce} was used by a transaction that is not in this store`;
  expect(rig.lines).toContainEqual(expect.objectContaining({ level: 40, cause: 'nonce_taken', reason }));
});

describe('the times of blocks are odd:', () => {
  test('an hour lies between two blocks, and roots are found by time all the same', async () => {
    const windows = rig.close(5);
    await anvil.rpc('anvil_setBlockTimestampInterval', 3600);
    for (const window of windows) await anchorByAnother([window]);
    await anvil.mine(3);
    rig.start();
    await rig.untilFinal(windows);
    await anvil.rpc('anvil_removeBlockTimestampInterval');
    await rig.expectExactlyOnce(windows, 0);
  });

  test('proposers’ clocks are a minute off to both sides', async () => {
    const windows = rig.close(5);
    for (const window of windows) {
      await anchorByAnother([window]);
      await anvil.rpc('anvil_mine', '0x14', '0x1');
    }
    rig.proxy.rule = rewriting('eth_getBlockByNumber', (block: { number: string; timestamp: string }) => {
      const skew = ((Number(block.number) * 37) % 101) - 50;
      return { ...block, timestamp: `0x${(Number(block.timestamp) + skew).toString(16)}` };
    });
    rig.start();
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 0);
  });
});

test('a store is restored whose last 400 windows were anchored since: their anchors are taken over, few calls at a time', async () => {
  const windows = rig.close(400);
  await anvil.rpc('anvil_setBlockTimestampInterval', 12);
  for (let at = 0; at < 200; at++) await anchorBy(rig.chain, windows.slice(2 * at, 2 * at + 2), BigInt(at + 1));
  await anvil.mine(3);
  let underWay = 0;
  let mostUnderWay = 0;
  let mostBlocks = 0;
  rig.proxy.rule = async ({ method, params }, ask) => {
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    const answer = await ask();
    underWay--;
    if (method === 'eth_getLogs') {
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      mostBlocks = Math.max(mostBlocks, Number(toBlock) - Number(fromBlock));
    }
    return answer;
  };
  rig.start();
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 200);
  const adopted = rig.events.flatMap((event) => (event.event === 'adopted' ? [event.transactions.length] : []));
  expect(adopted).toEqual([32, 32, 32, 32, 32, 32, 8]);
  expect(rig.lines).toHaveLength(adopted.length);
  expect(mostUnderWay).toBeLessThanOrEqual(4);
  expect(mostBlocks).toBeLessThan(1_000);
  await anvil.rpc('anvil_removeBlockTimestampInterval');
  // A question to the contract for each root, three for each transaction, and some to find the blocks.
  expect(rig.proxy.calls.length).toBeLessThan(400 + 3 * 200 + 400);
});
