import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Chain } from '../chain/chain.js';
import type { Attempt } from '../store/anchors.js';
import { type Bench, CHAIN, openBench, setBalance } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';

// Anchoring on a real node, which makes a block when the test says so. Each test has a contract and an account of its own. What a chain
// that misbehaves comes to is in faults/.

jest.setTimeout(60_000);

let anvil: Anvil;
let bench: Bench;
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  bench = await openBench(anvil);
});
afterEach(() => {
  bench.dispose();
});
afterAll(() => anvil.stop());

function unfinished(): Attempt[] {
  return bench.anchors.findUnfinishedAttempts(CHAIN);
}

/** The chain, with some of its methods replaced. */
function chainWith(methods: Partial<Chain>): Chain {
  return { ...bench.chain, ...methods };
}

function crash(): never {
  throw new Error('crash');
}

async function expectExactlyOnce(windows: readonly number[], transactions: number): Promise<void> {
  expect(await bench.anchoredWindows(windows)).toEqual(windows);
  expect(await bench.paid()).toBe(transactions);
  expect([...bench.final].sort((a, b) => a - b)).toEqual(windows);
  expect(bench.anchors.countUnanchored(CHAIN)).toBe(0);
  expect(unfinished()).toEqual([]);
}

test('windows that wait go out in one transaction, and are final when its block is', async () => {
  const windows = bench.close(3);
  const step = bench.step();
  expect(await step.run()).toEqual({ next: 'poll' });
  const [attempt] = unfinished() as [Attempt];
  expect(attempt).toMatchObject({ state: 'broadcast', windows, nonce: 1n, contract: bench.contract });

  await anvil.mine();
  await step.run();
  expect(unfinished()).toMatchObject([{ state: 'included' }]);
  await anvil.mine();
  expect(await step.run()).toEqual({ next: 'poll' });
  expect(bench.final).toEqual([]);
  await anvil.mine();
  expect(await step.run()).toEqual({ next: 'now' });
  expect(await step.run()).toEqual({ next: 'idle' });
  await expectExactlyOnce(windows, 1);

  const [anchor] = bench.anchors.findAnchors(windows[0]!);
  const number = anchor!.block.number;
  const block = (await anvil.rpc('eth_getBlockByNumber', `0x${number.toString(16)}`, false)) as Record<string, string>;
  expect(anchor).toEqual({
    ...{ type: 'zilliqa-evm', chain: CHAIN, contract: bench.contract, transaction: attempt.transactionId },
    block: { number, hash: block['hash'], time: new Date(Number(block['timestamp']) * 1000).toISOString() },
  });
});

test('a backlog of 300 windows goes out in two transactions', async () => {
  const windows = bench.close(300);
  await bench.settle();
  await expectExactlyOnce(windows, 2);
});

test('a window that closes while another is on its way goes with the next transaction', async () => {
  const first = bench.close(1);
  const step = bench.step();
  await step.run();
  const second = bench.close(1);
  await bench.settle(step);
  await expectExactlyOnce([...first, ...second], 2);
});

describe('after a crash', () => {
  test('between recording and broadcasting, the recorded bytes go out', async () => {
    const windows = bench.close(1);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    const [attempt] = unfinished() as [Attempt];
    expect(attempt.state).toBe('signed');
    await bench.settle();
    await expectExactlyOnce(windows, 1);
    expect(bench.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: attempt.transactionId }]);
  });

  test('and the loss of all that was recorded since a backup, the roots on the chain are taken over', async () => {
    const windows = bench.close(3);
    // The backup is what the store held before the anchor: the same windows, still waiting.
    const forget = () => {
      bench.store.db.exec('DELETE FROM anchors; DELETE FROM attempt_windows; DELETE FROM attempts');
      bench.store.db.exec('UPDATE windows SET final_at = NULL');
      bench.store.db.prepare('INSERT INTO unanchored SELECT ?, id FROM windows').run(CHAIN);
    };
    await bench.settle();
    const before = windows.map((window) => bench.anchors.findAnchors(window));
    forget();
    bench.final.length = 0;
    await bench.settle();
    await expectExactlyOnce(windows, 1);
    expect(windows.map((window) => bench.anchors.findAnchors(window))).toEqual(before);
    expect(unfinished()).toEqual([]);
  });
});

test('a transaction that no node takes any more at its fee is replaced at once', async () => {
  const windows = bench.close(1);
  await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
  await anvil.rpc('anvil_setNextBlockBaseFeePerGas', '0x174876e800');
  await anvil.mine();
  expect(await bench.step().run()).toEqual({ next: 'poll' });
  expect(unfinished().map(({ state }) => state)).toEqual(['signed', 'broadcast']);
  await bench.settle();
  await expectExactlyOnce(windows, 1);
});

test('a wallet that is emptied after signing: what was signed goes out later', async () => {
  const windows = bench.close(1);
  await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
  await setBalance(anvil, bench.wallet, 0n);
  expect(await bench.step().run()).toMatchObject({ next: 'retry', state: 'waiting' });
  await setBalance(anvil, bench.wallet);
  await bench.settle();
  await expectExactlyOnce(windows, 1);
});
