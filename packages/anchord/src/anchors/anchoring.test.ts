import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ChronosError } from '@chronos/shared';
import type { Chain } from '../chain/chain.js';
import type { Attempt } from '../store/anchors.js';
import { type Bench, CHAIN, newWallet, openBench, setBalance, TIMING } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';

// Anchoring on a real node, which makes a block when the test says so. Each test has a contract and an account of its own.

jest.setTimeout(15_000);

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

function history(): unknown[] {
  return bench.store.db.prepare('SELECT state, reason FROM attempts ORDER BY nonce, signed_at').all();
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

  // Each write to the store and each question to the chain fails once, before it had its effect and after.
  test.each(['before', 'after'])('%s any write or question, each root is anchored and paid for once', async (when) => {
    let fuse = 0;
    const breaking = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(object, name) {
          const method = Reflect.get(object, name) as unknown;
          if (typeof method !== 'function') return method;
          return (...given: unknown[]) => {
            const burnt = --fuse === 0;
            if (burnt && when === 'before') crash();
            const result: unknown = Reflect.apply(method, object, given);
            if (!burnt) return result;
            return result instanceof Promise ? result.then(crash) : crash();
          };
        },
      });
    const fragile = { store: breaking(bench.anchors), chain: breaking(bench.chain) };
    const windows: number[] = [];
    let crashes = 0;
    for (let broken = true, fault = 1; broken; fault++) {
      windows.push(...bench.close(1));
      fuse = fault;
      await bench.settle(bench.step(fragile)).catch((error: unknown) => {
        expect(error).toEqual(new Error('crash'));
        crashes++;
      });
      broken = fuse <= 0;
      await bench.settle();
    }
    expect(crashes).toBeGreaterThan(20);
    expect(await bench.anchoredWindows(windows)).toEqual(windows);
    expect(await bench.paid()).toBe(windows.length);
    expect(bench.anchors.countUnanchored(CHAIN)).toBe(0);
    expect(windows.every((window) => bench.anchors.findAnchors(window).length === 1)).toBe(true);
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

describe('a transaction', () => {
  test('that the pool dropped is sent again, the same', async () => {
    const windows = bench.close(1);
    const step = bench.step();
    await step.run();
    const [{ transactionId }] = unfinished() as [Attempt];
    await anvil.rpc('anvil_dropTransaction', transactionId);
    await step.run();
    await anvil.mine(3);
    expect(await bench.paid()).toBe(0);
    await bench.clock.advance(TIMING.rebroadcastAfterMs);
    await bench.settle(step);
    await expectExactlyOnce(windows, 1);
    expect(bench.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: transactionId }]);
  });

  test('whose fee is too low for what the network came to ask is replaced by a dearer one', async () => {
    const windows = bench.close(1);
    const step = bench.step();
    await step.run();
    await anvil.rpc('anvil_setNextBlockBaseFeePerGas', '0x174876e800');
    await anvil.mine();
    await step.run();
    expect(await bench.paid()).toBe(0);
    await bench.clock.advance(TIMING.stuckAfterMs);
    const later = bench.close(1);
    await bench.settle(step);
    // The replacement takes along what has come to wait meanwhile.
    await expectExactlyOnce([...windows, ...later], 1);
    const [winner] = bench.anchors.findAnchors(windows[0]!);
    const lost = { state: 'failed', reason: `replaced by ${winner!.transaction}` };
    expect(history()).toEqual(expect.arrayContaining([lost, { state: 'final', reason: null }]));
  });

  test('that no node takes any more at its fee is replaced at once', async () => {
    const windows = bench.close(1);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    await anvil.rpc('anvil_setNextBlockBaseFeePerGas', '0x174876e800');
    await anvil.mine();
    expect(await bench.step().run()).toEqual({ next: 'poll' });
    expect(unfinished().map(({ state }) => state)).toEqual(['signed', 'broadcast']);
    await bench.settle();
    await expectExactlyOnce(windows, 1);
  });

  test('that was replaced and gets into a block after all counts', async () => {
    const windows = bench.close(1);
    const step = bench.step();
    await step.run();
    const [first] = unfinished() as [Attempt];
    await bench.clock.advance(TIMING.stuckAfterMs);
    await step.run();
    const [, second] = unfinished() as [Attempt, Attempt];
    expect(second).toMatchObject({ state: 'broadcast', nonce: first.nonce });
    await anvil.rpc('anvil_dropTransaction', second.transactionId);
    await anvil.rpc('eth_sendRawTransaction', `0x${Buffer.from(first.signedBytes).toString('hex')}`);
    await bench.settle(step);
    await expectExactlyOnce(windows, 1);
    expect(bench.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: first.transactionId }]);
  });

  test('whose block is taken back is sent again, and final in another', async () => {
    const windows = bench.close(1);
    const step = bench.step();
    await step.run();
    await anvil.mine();
    await step.run();
    expect(unfinished()).toMatchObject([{ state: 'included' }]);
    await anvil.rpc('anvil_reorg', 1, []);
    await bench.clock.advance(TIMING.rebroadcastAfterMs);
    await step.run();
    expect(unfinished()).toMatchObject([{ state: 'broadcast' }]);
    await bench.settle(step);
    await expectExactlyOnce(windows, 1);
  });

  test('whose nonce somebody else used is given up, and its windows go with the next', async () => {
    const windows = bench.close(1);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    const { wallet } = bench;
    const foreign = wallet.sign({
      ...{ type: 2, chainId: 31337, nonce: 1, to: wallet.address, gasLimit: 21_000 },
      ...{ maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1 },
    });
    await anvil.rpc('eth_sendRawTransaction', foreign);
    await anvil.mine(3);
    const step = bench.step();
    expect(await step.run()).toEqual({ next: 'poll' });
    expect(unfinished()).toHaveLength(1);
    await bench.clock.advance(TIMING.lostAfterMs);
    await bench.settle(step);
    await expectExactlyOnce(windows, 2);
    const reason = 'its nonce 1 was used by a transaction that is not in this store';
    expect(history()).toEqual([
      { state: 'failed', reason },
      { state: 'final', reason: null },
    ]);
  });

  test('that reverts because its root is on the chain already is paid for, and the anchor there is taken over', async () => {
    const windows = bench.close(2);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    // Another account anchors the first of the two while it owns the contract.
    const other = await newWallet(bench.folder, anvil);
    const theirs = bench.openChain({ wallet: other });
    await setOwner(other.address);
    const [first] = bench.anchors.findUnanchored(CHAIN, 1);
    const root = { window: first!.id, root: first!.root, logSize: first!.logSize, logRoot: first!.logRoot };
    const signed = await theirs.sign([root], 0n, 200_000n);
    if (signed.result !== 'signed') throw new Error(signed.detail);
    await theirs.broadcast(signed.transaction.signedBytes);
    await anvil.mine(3);
    await setOwner(bench.wallet.address);

    await bench.settle();
    await expectExactlyOnce(windows, 2);
    expect(history()[0]).toMatchObject({ state: 'failed', reason: expect.stringContaining('the contract refused it') });
    expect(bench.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: signed.transaction.transactionId }]);
  });
});

describe('the operator is told', () => {
  test('that the wallet is empty, and anchoring goes on when it is not', async () => {
    const windows = bench.close(1);
    await setBalance(anvil, bench.wallet, 1000n);
    const { address, zilAddress } = bench.wallet;
    const outcome = await bench.step().run();
    expect(outcome).toMatchObject({ next: 'retry', state: 'waiting' });
    expect(JSON.stringify(outcome)).toContain(`${address} (${zilAddress}) holds 0.000000000000001 ZIL`);
    expect(unfinished()).toEqual([]);
    await setBalance(anvil, bench.wallet);
    await bench.settle();
    await expectExactlyOnce(windows, 1);
  });

  test('that the wallet was emptied after signing; what was signed goes out later', async () => {
    const windows = bench.close(1);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    await setBalance(anvil, bench.wallet, 0n);
    expect(await bench.step().run()).toMatchObject({ next: 'retry', state: 'waiting' });
    await setBalance(anvil, bench.wallet);
    await bench.settle();
    await expectExactlyOnce(windows, 1);
  });

  test('that the account does not own the contract, and nothing is spent', async () => {
    bench.close(1);
    const other = await newWallet(bench.folder, anvil);
    const outcome = await bench.step({ chain: bench.openChain({ wallet: other }) }).run();
    const detail = `${other.address} does not own ${bench.contract}: hand the contract over to it, or give its owner's key`;
    expect(outcome).toEqual({ next: 'retry', state: 'stopped', cause: 'not_owner', detail });
    expect(unfinished()).toEqual([]);
  });

  test('that the fee asked is above the limit', async () => {
    bench.close(1);
    const outcome = await bench.step({ chain: bench.openChain({ maxFeeGwei: 0.001 }) }).run();
    expect(outcome).toMatchObject({
      next: 'retry',
      state: 'waiting',
      detail: expect.stringContaining('the limit set is 0.001 gwei'),
    });
    expect(unfinished()).toEqual([]);
  });
});

test('a chain that gives no answer leaves all as it was', async () => {
  bench.close(1);
  const step = bench.step({ chain: bench.openChain({ rpcUrls: ['http://127.0.0.1:9'] }) });
  await expect(step.run()).rejects.toBeInstanceOf(ChronosError);
  await expect(step.run()).rejects.toMatchObject({ code: 'chain_unreachable' });
  expect(unfinished()).toEqual([]);
});

/** Makes `address` the owner, beside the rules: slot 0 holds the owner in its low 20 bytes. */
async function setOwner(address: string): Promise<void> {
  const slot = (await anvil.rpc('eth_getStorageAt', bench.contract, '0x0', 'latest')) as string;
  const value = slot.slice(0, -40) + address.slice(2).toLowerCase();
  await anvil.rpc('anvil_setStorageAt', bench.contract, `0x${'0'.repeat(64)}`, value);
}
