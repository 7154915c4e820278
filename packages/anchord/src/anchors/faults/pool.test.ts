import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CHAIN, TIMING } from '../../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../../test-support/anvil.js';
import { openRig, type Rig } from '../../test-support/chain-rig.js';
import type { Attempt } from '../../store/anchors.js';

// What becomes of a transaction between its sending and its block.

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

const unfinished = (): Attempt[] => rig.anchors.findUnfinishedAttempts(CHAIN);
const drop = (transactionId: string) => anvil.rpc('anvil_dropTransaction', transactionId);
/** What the network asks from the next block on: a hundred times what it did. */
const makeDear = async () => {
  await anvil.rpc('anvil_setNextBlockBaseFeePerGas', '0x174876e800');
  await anvil.mine();
};

/** A window whose transaction is in the pool, and no block is made. */
async function inThePool(count = 1): Promise<{ windows: number[]; first: Attempt }> {
  rig.start();
  const windows = rig.closeWindows(count);
  await rig.pass(1, { blocks: 0 });
  const [first] = unfinished() as [Attempt];
  return { windows, first };
}

test('the pool drops it: the same bytes are sent again', async () => {
  const { windows, first } = await inThePool();
  await drop(first.transactionId);
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told()).toEqual([]);
  const sent = rig.events.flatMap((event) => (event.event === 'broadcast' ? [[event.transaction, event.again]] : []));
  expect(sent).toEqual([
    [first.transactionId, false],
    [first.transactionId, true],
  ]);
});

test('the network comes to ask more: a dearer one with its nonce takes its place, and the windows that came since along', async () => {
  const { windows, first } = await inThePool();
  await makeDear();
  windows.push(...rig.closeWindows(1));
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told()).toEqual(['replaced an anchor by a dearer one', 'an anchor failed']);
  const replaced = { event: 'replaced', replaces: first.transactionId, nonce: first.nonce, windows: 2 };
  expect(rig.events).toContainEqual(expect.objectContaining(replaced));
  const [winner] = rig.anchors.findAnchors(windows[0]!);
  const reason = `replaced by ${winner!.transaction}`;
  expect(rig.lines).toContainEqual(
    expect.objectContaining({
      level: 30,
      event: 'failed',
      cause: 'superseded',
      reason,
      transaction: first.transactionId,
    }),
  );
});

test('it is replaced, and is in a block after all: it counts, and the dearer one costs nothing', async () => {
  const { windows, first } = await inThePool();
  await rig.pass(TIMING.stuckAfterMs, { blocks: 0 });
  const [, second] = unfinished() as [Attempt, Attempt];
  expect(second).toMatchObject({ state: 'broadcast', nonce: first.nonce });
  await drop(second.transactionId);
  await anvil.rpc('eth_sendRawTransaction', `0x${Buffer.from(first.signedBytes).toString('hex')}`);
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: first.transactionId }]);
});

describe('the limit is below what the network came to ask:', () => {
  const detail = expect.stringMatching(
    /^anchoring is too dear at present: a replacement has to offer .* gwei for a unit of gas, the limit set is 2\.2 gwei$/,
  );

  test('the one in the pool stays, and gets into a block when the price falls', async () => {
    rig.start({ maxFeeGwei: 2.2 });
    const windows = rig.closeWindows(1);
    await rig.pass(1, { blocks: 0 });
    const [first] = unfinished() as [Attempt];
    for (let minute = 0; minute < 40; minute++) {
      await makeDear();
      await rig.pass(60_000, { blocks: 0 });
    }
    expect(rig.anchorer.state()).toMatchObject({ state: 'waiting', detail });
    expect(unfinished()).toHaveLength(1);
    expect(rig.told().length).toBeLessThan(5);
    await anvil.rpc('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00');
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
    expect(rig.anchors.findAnchors(windows[0]!)).toMatchObject([{ transaction: first.transactionId }]);
    expect(new Set(rig.told())).toEqual(new Set(['anchoring does not go on', 'anchoring goes on']));
  });

  test('the operator’s bump is refused, and nothing is signed', async () => {
    rig.start({ maxFeeGwei: 2.2 });
    const windows = rig.closeWindows(1);
    await rig.pass(1, { blocks: 0 });
    expect(await rig.anchorer.bump()).toEqual({ result: 'refused', reason: 'fee_above_limit', detail });
    expect(unfinished()).toHaveLength(1);
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
  });
});

test('the chain halts for an hour: the fee is not raised, the operator is told, and it goes on by itself', async () => {
  const { windows, first } = await inThePool();
  for (let minute = 0; minute < 60; minute++) await rig.pass(60_000, { blocks: 0 });
  // The dearer ones are from the first two minutes, when it was not clear yet that nobody gets into a block.
  expect(unfinished().length).toBeLessThanOrEqual(3);
  expect(rig.told().filter((message) => message === 'the chain makes no blocks')).toHaveLength(1);
  expect(rig.lines.length).toBeLessThan(10);
  const detail = expect.stringMatching(
    /^no endpoint has seen a block after \d+, for [56]\d minutes: the chain has halted/,
  );
  expect(rig.anchorer.state()).toMatchObject({ state: 'waiting', detail });
  await rig.untilFinal(windows);
  await rig.pass(61_000);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told()).toContain('the chain makes blocks again');
  expect(rig.anchorer.state()).toMatchObject({ state: 'ok' });
  expect(first.nonce).toBe(1n);
});

describe('the operator', () => {
  test('replaces it now: one of the two is final, and paid for', async () => {
    const { windows, first } = await inThePool(3);
    await makeDear();
    const bumped = await rig.anchorer.bump(first.transactionId);
    expect(bumped).toMatchObject({ result: 'replaced', replaced: first.transactionId, nonce: first.nonce, windows: 3 });
    if (bumped.result !== 'replaced') throw new Error('never');
    expect(Number(bumped.costZil)).toBeGreaterThan(Number(bumped.replacedCostZil) * 1.1);
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
    expect(rig.told()).toEqual(['replaced an anchor by a dearer one', 'an anchor failed']);
  });

  test('cannot replace one that is in a block, or that is not there', async () => {
    const { windows, first } = await inThePool();
    await anvil.mine();
    expect(await rig.anchorer.bump()).toMatchObject({ result: 'refused', reason: 'already_included' });
    await rig.untilFinal(windows);
    const gone = { result: 'refused', reason: 'nothing_pending', detail: 'no transaction is pending' };
    expect(await rig.anchorer.bump(first.transactionId)).toEqual(gone);
    await rig.expectExactlyOnce(windows, 1);
  });

  test('pauses while it is in the pool: it becomes final, and what closes later waits until anchoring is resumed', async () => {
    const { windows } = await inThePool();
    rig.anchorer.pause();
    const later = rig.closeWindows(2);
    await rig.untilFinal(windows);
    for (let minute = 0; minute < 10; minute++) await rig.pass(60_000);
    expect(rig.final).toEqual(windows);
    expect(rig.anchorer.state()).toMatchObject({ state: 'waiting', paused: true, unanchored: 2 });
    rig.anchorer.resume();
    await rig.untilFinal(later);
    await rig.expectExactlyOnce([...windows, ...later], 2);
    expect(rig.told()).toEqual(['anchoring is paused', 'anchoring is resumed']);
  });
});
