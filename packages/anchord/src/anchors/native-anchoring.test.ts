import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ScillaReader } from '@chronos/shared';
import type { Chain } from '../chain/chain.js';
import type { Attempt } from '../store/anchors.js';
import { Fuse } from '../test-support/fuse.js';
import { type NativeBench, NATIVE_CHAIN, NATIVE_TIMING, openNativeBench } from '../test-support/native-bench.js';

// Anchoring through Zilliqa's native JSON-RPC, on a local chain that makes a block when the test says so. The double shares no code with us.

jest.setTimeout(60_000);

let bench: NativeBench;
afterEach(() => bench.dispose());

const unfinished = (): Attempt[] => bench.anchors.findUnfinishedAttempts(NATIVE_CHAIN);
const history = (): unknown[] =>
  bench.store.db.prepare('SELECT state, reason FROM attempts ORDER BY nonce, signed_at').all();
const chainWith = (methods: Partial<Chain>): Chain => ({ ...bench.chain, ...methods });

function crash(): never {
  throw new Error('crash');
}

async function expectExactlyOnce(windows: readonly number[]): Promise<void> {
  await expectOnChain(windows);
  expect([...bench.final].sort((a, b) => a - b)).toEqual(windows);
}

/** Each root stands on the chain once, and no more transactions were paid for than there are roots. */
async function expectOnChain(windows: readonly number[]): Promise<void> {
  expect(await bench.anchoredWindows(windows)).toEqual(windows);
  expect(await bench.paid()).toBe(windows.length);
  expect(bench.anchors.countUnanchored(NATIVE_CHAIN)).toBe(0);
  expect(unfinished()).toEqual([]);
}

describe.each([1, 2] as const)('on Zilliqa %i', (flavour) => {
  beforeEach(async () => {
    bench = await openNativeBench({ flavour });
  });

  test('windows go out one by one, and each anchor is what a verifier reads', async () => {
    const windows = bench.close(3);
    await bench.chain.check();
    await bench.settle();
    await expectExactlyOnce(windows);
    for (const window of windows) {
      const [anchor] = bench.anchors.findAnchors(window);
      expect(anchor).toMatchObject({ type: 'zilliqa-scilla', chain: NATIVE_CHAIN, contract: bench.contract });
      const read = await new ScillaReader(NATIVE_CHAIN, bench.devnet.url).findTransaction(anchor!.transaction);
      expect(read).toMatchObject({
        ...{ succeeded: true, final: true, anchored: [{ contract: bench.contract, window: BigInt(window) }] },
        block: { number: anchor!.block.number, hash: anchor!.block.hash, timeMs: Date.parse(anchor!.block.time) },
      });
    }
  });

  test('a crash between recording and broadcasting: the recorded bytes go out, under the recorded id', async () => {
    const windows = bench.close(1);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    const [attempt] = unfinished() as [Attempt];
    expect(attempt).toMatchObject({ state: 'signed', nonce: 2n });
    await bench.settle();
    await expectExactlyOnce(windows);
    expect(bench.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: attempt.transactionId }]);
  });

  test('what the store lost since a backup is taken over from the chain', async () => {
    const windows = bench.close(2);
    await bench.settle();
    const before = windows.map((window) => bench.anchors.findAnchors(window));
    bench.store.db.exec('DELETE FROM anchors; DELETE FROM attempt_windows; DELETE FROM attempts');
    bench.store.db.exec('UPDATE windows SET final_at = NULL');
    bench.store.db.prepare('INSERT INTO unanchored SELECT ?, id FROM windows').run(NATIVE_CHAIN);
    bench.final.length = 0;
    await bench.settle();
    await expectExactlyOnce(windows);
    expect(windows.map((window) => bench.anchors.findAnchors(window))).toEqual(before);
  });

  test('a transaction that the pool dropped is sent again, the same', async () => {
    const windows = bench.close(1);
    const step = bench.step();
    await step.run();
    const [{ transactionId }] = unfinished() as [Attempt];
    expect(bench.devnet.drop(transactionId)).toBe(true);
    await bench.settle(step);
    await expectExactlyOnce(windows);
    expect(bench.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: transactionId }]);
  });

  test('a transaction that stays out of blocks is replaced by a dearer one', async () => {
    const windows = bench.close(1);
    bench.devnet.fault({ kind: 'delay', blocks: 1_000 });
    const step = bench.step();
    await step.run();
    await bench.clock.advance(NATIVE_TIMING.stuckAfterMs);
    await bench.settle(step);
    await expectExactlyOnce(windows);
    const [winner] = bench.anchors.findAnchors(windows[0]!);
    expect(history()).toEqual([
      { state: 'failed', reason: `replaced by ${winner!.transaction}` },
      { state: 'final', reason: null },
    ]);
  });

  test.each([
    { kind: 'drop' },
    { kind: 'delay', blocks: 3 },
    { kind: 'acceptThenError' },
    { kind: 'html', count: 7 },
    { kind: 'html', method: 'CreateTransaction', after: true },
    { kind: 'rateLimit', count: 7 },
    { kind: 'rateLimit', method: 'CreateTransaction', after: true, count: 3 },
    { kind: 'hang', method: 'CreateTransaction', after: true },
    { kind: 'hang', method: 'GetTransaction' },
    { kind: 'refuse', count: 2 },
  ] as const)('each window is final once in spite of %j', async (fault) => {
    const windows = bench.close(2);
    bench.devnet.fault(fault);
    await bench.settle();
    await expectExactlyOnce(windows);
  });
});

describe('on Zilliqa 2', () => {
  beforeEach(async () => {
    bench = await openNativeBench();
  });

  test('a transaction in a block that is not final is no loss, however long that takes', async () => {
    const windows = bench.close(1);
    const step = bench.step();
    await step.run();
    bench.devnet.mine();
    expect(await step.run()).toEqual({ next: 'poll' });
    expect(unfinished()).toMatchObject([{ state: 'included' }]);
    await bench.clock.advance(10 * NATIVE_TIMING.stuckAfterMs);
    expect(await step.run()).toEqual({ next: 'poll' });
    expect(unfinished()).toHaveLength(1);
    await bench.settle(step);
    await expectExactlyOnce(windows);
  });

  test.each([false, true])('a block taken back (its transactions lost: %s) is made up for', async (drop) => {
    const windows = bench.close(1);
    const step = bench.step();
    await step.run();
    bench.devnet.mine();
    await step.run();
    bench.devnet.reorganise(1, { drop });
    await bench.clock.advance(NATIVE_TIMING.rebroadcastAfterMs);
    await step.run();
    expect(unfinished()).toMatchObject([{ state: 'broadcast' }]);
    await bench.settle(step);
    await expectExactlyOnce(windows);
  });

  test('a nonce that somebody else used is given up, and the window goes with the next', async () => {
    const windows = bench.close(1);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    const foreign = bench.wallet.sign({
      ...{ chainId: 31_337, nonce: 2n, gasPriceQa: 2_000_000_016n, gasLimit: 1_000n, to: bench.contract },
      data: {
        _tag: 'TransferOwnership',
        params: [{ vname: 'new_owner', type: 'ByStr20', value: bench.wallet.address }],
      },
    });
    await bench.rpc('CreateTransaction', JSON.parse(foreign.parameter));
    bench.devnet.mine(3);
    const step = bench.step();
    expect(await step.run()).toEqual({ next: 'poll' });
    expect(unfinished()).toHaveLength(1);
    await bench.clock.advance(NATIVE_TIMING.lostAfterMs);
    await bench.settle(step);
    expect(await bench.paid()).toBe(2);
    expect(bench.final).toEqual(windows);
    const reason = 'its nonce 2 was used by a transaction that is not in this store';
    expect(history()).toEqual([
      { state: 'failed', reason },
      { state: 'final', reason: null },
    ]);
  });

  test('while no block is made the fee rises, up to the limit, and the root is paid for once', async () => {
    const windows = bench.close(1);
    const step = bench.step({ chain: bench.openChain({ maxGasPriceQa: 3_000_000_000n }) });
    const seen: string[] = [];
    for (let look = 0; look < 12; look++) {
      seen.push(JSON.stringify(await step.run()));
      // Sent again first, for a native chain tells of nothing that waits; a dearer one is for the next look.
      seen.push(JSON.stringify(await step.run()));
      await bench.clock.advance(NATIVE_TIMING.stuckAfterMs);
    }
    expect(seen.join()).toContain('the limit set is 3000000000 Qa');
    expect(unfinished()).toHaveLength(4);
    await bench.settle(step);
    await expectExactlyOnce(windows);
  });

  // As in crash-table.test.ts, which breaks the whole of the daemon over an EVM.
  test.each(['failed', 'failed but persisted'] as const)(
    'each write and each question %s: each root is anchored and paid for once',
    async (fault) => {
      const fuse = new Fuse();
      const fragile = { store: fuse.wrap('store', bench.anchors), chain: fuse.wrap('chain', bench.chain) };
      const windows = bench.close(1);
      await bench.settle(bench.step(fragile));
      let tried = 0;
      for (const [name, times] of [...fuse.calls]) {
        for (let nth = 1; nth <= times; nth++) {
          windows.push(...bench.close(1));
          fuse.arm(name, nth, fault);
          await bench.settle(bench.step(fragile));
          if (fuse.blown) tried++;
        }
      }
      expect(tried).toBeGreaterThan(20);
      await expectOnChain(windows);
      expect(windows.every((window) => bench.anchors.findAnchors(window).length === 1)).toBe(true);
    },
  );
});
