import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ChronosError } from '@chronos/shared';
import type { AnchorForecast, BroadcastResult, Chain } from '../chain/chain.js';
import { type AnchorStore, openAnchorStore } from '../store/anchors.js';
import { openStore, type Store } from '../store/store.js';
import { CHAIN, TIMING } from '../test-support/anchoring-bench.js';
import { closeWindows } from '../test-support/closed-windows.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { ABSENT, FINAL, PENDING, scriptedChain } from '../test-support/scripted-chain.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { AnchorStep } from './anchor-step.js';

// What a real node does only at bad moments: answers that come late, half, or one before the other.

let temporary: ReturnType<typeof temporaryFolder>;
let store: Store;
let anchors: AnchorStore;
let clock: FakeClock;
let final: number[];

beforeEach(() => {
  temporary = temporaryFolder();
  store = openStore(temporary.folder);
  anchors = openAnchorStore(store);
  clock = new FakeClock(1_800_000_000_000);
  final = [];
});
afterEach(() => {
  store.close();
  temporary.remove();
});

function stepOn(methods: Partial<Chain>): AnchorStep & { calls: string[] } {
  const chain = scriptedChain(methods);
  const options = {
    chain,
    clock,
    store: anchors,
    onEvent: () => undefined,
    requiredChains: [CHAIN],
    timing: TIMING,
  };
  const step = new AnchorStep({ ...options, onFinal: (windows) => final.push(...windows) });
  return Object.assign(step, { calls: chain.calls });
}

const close = (count = 1) => closeWindows(store, count, [CHAIN]);
const states = () => store.db.prepare('SELECT state FROM attempts ORDER BY nonce, signed_at').pluck().all();
const unreachable = async (): Promise<never> => {
  throw new ChronosError('chain_unreachable', 'no answer within 10000 ms');
};

test('nothing waits: nothing is asked', async () => {
  const step = stepOn({});
  expect(await step.run()).toEqual({ next: 'idle' });
  expect(step.calls).toEqual([]);
});

test('the final nonce is asked before the transactions, so that none becomes final in between unseen', async () => {
  close();
  const step = stepOn({ findTransaction: async () => PENDING, finalNonce: async () => 0n });
  await step.run();
  step.calls.length = 0;
  await step.run();
  expect(step.calls.slice(0, 2)).toEqual(['finalNonce', 'findTransaction']);
});

describe('a broadcast without an answer', () => {
  test('that arrived all the same is found at the next look', async () => {
    const windows = close();
    const step = stepOn({ broadcast: unreachable });
    await expect(step.run()).rejects.toMatchObject({ code: 'chain_unreachable' });
    expect(states()).toEqual(['signed']);
    expect(await step.run()).toEqual({ next: 'now' });
    expect(final).toEqual(windows);
    expect(states()).toEqual(['final']);
  });

  test('that did not arrive is made again', async () => {
    close();
    const sent: string[] = [];
    const step = stepOn({
      finalNonce: async () => 0n,
      findTransaction: async () => ABSENT,
      broadcast: async (bytes) => {
        sent.push(Buffer.from(bytes).toString());
        return sent.length === 1 ? unreachable() : { result: 'accepted' };
      },
    });
    await expect(step.run()).rejects.toMatchObject({ code: 'chain_unreachable' });
    await step.run();
    expect(sent).toEqual(['0x0', '0x0']);
    expect(states()).toEqual(['broadcast']);
  });
});

describe('endpoints that lag', () => {
  test('behind the nonce’s: an attempt that seems lost for a moment is not given up', async () => {
    const windows = close();
    let seen = false;
    const step = stepOn({ findTransaction: async () => (seen ? FINAL : ABSENT) });
    await step.run();
    for (let second = 0; second < 29; second++) {
      expect(await step.run()).toEqual({ next: 'poll' });
      await clock.advance(1_000);
    }
    seen = true;
    await step.run();
    expect(final).toEqual(windows);
    expect(states()).toEqual(['final']);
  });

  test('now and then: only an unbroken doubt counts', async () => {
    close();
    let nonce = 1n;
    const step = stepOn({ findTransaction: async () => PENDING, finalNonce: async () => nonce });
    nonce = 0n;
    await step.run();
    for (let turn = 0; turn < 4; turn++) {
      nonce = 1n;
      await step.run();
      await clock.advance(20_000);
      nonce = 0n;
      await step.run();
    }
    expect(states()).not.toContain('failed');
  });

  test('with the nonce: nothing is signed for a nonce that we have used', async () => {
    let nonce = 0n;
    const step = stepOn({ finalNonce: async () => nonce });
    close();
    await step.run();
    await step.run();
    expect(states()).toEqual(['final']);
    const second = close();
    expect(await step.run()).toEqual({ next: 'poll' });
    await clock.advance(TIMING.lostAfterMs);
    const outcome = await step.run();
    expect(outcome).toMatchObject({ next: 'retry', state: 'waiting', detail: expect.stringContaining('lags behind') });
    expect(states()).toEqual(['final']);
    nonce = 1n;
    await step.run();
    await step.run();
    expect(final.slice(1)).toEqual(second);
  });
});

describe('a fee that is too low for the node', () => {
  const answers = (results: BroadcastResult[]) => async () => results.shift() ?? { result: 'accepted' as const };
  const tooLow: BroadcastResult = { result: 'refused', reason: 'fee_too_low', detail: 'underpriced' };
  const quiet = { findTransaction: async () => ABSENT, finalNonce: async () => 0n };

  test('is raised at once, with the same nonce', async () => {
    close();
    await stepOn({ ...quiet, broadcast: answers([tooLow]) }).run();
    expect(states()).toEqual(['signed', 'broadcast']);
    expect(anchors.findUnfinishedAttempts(CHAIN).map(({ nonce, transactionId }) => [nonce, transactionId])).toEqual([
      [0n, '0x0'],
      [0n, '0x0 after 0x0'],
    ]);
  });

  test('is raised once a step, and never past the limit', async () => {
    close();
    let limit = 4;
    const { sign } = scriptedChain();
    const step = stepOn({
      ...quiet,
      broadcast: async () => tooLow,
      sign: async (...given) =>
        limit-- > 0
          ? sign(...given)
          : { result: 'refused', reason: 'fee_above_limit', detail: 'the limit set is 9 gwei' },
    });
    expect(await step.run()).toMatchObject({
      next: 'retry',
      state: 'waiting',
      detail: expect.stringContaining('underpriced'),
    });
    for (let turn = 0; turn < 5; turn++) await step.run();
    const detail = 'anchoring is too dear at present: the limit set is 9 gwei';
    expect(await step.run()).toEqual({ next: 'retry', state: 'waiting', cause: 'fee_above_limit', detail });
    expect(states()).toHaveLength(4);
  });
});

describe('roots that the contract has already', () => {
  const anchorOf = (chain: Chain, transaction: string) => {
    if (FINAL.state !== 'included' || !FINAL.final) throw new Error('never');
    return { type: chain.type, chain: chain.chain, contract: chain.contract, transaction, block: FINAL.block };
  };

  test('are taken over one by one, and only the others are paid for', async () => {
    const [first, second, third] = close(3) as [number, number, number];
    const known = new Set([first, third]);
    const signedFor: number[][] = [];
    const base = scriptedChain();
    const step = stepOn({
      forecast: async (roots): Promise<AnchorForecast> =>
        roots.some(({ window }) => known.has(window)) ? { result: 'already_anchored' } : { result: 'ok', gasLimit: 1n },
      findAnchors: async (roots) =>
        roots
          .filter(({ window }) => known.has(window))
          .map(({ window }) => ({ anchor: anchorOf(base, '0xelsewhere'), windows: [window] })),
      sign: async (roots, ...rest) => {
        signedFor.push(roots.map(({ window }) => window));
        return base.sign(roots, ...rest);
      },
    });
    expect(await step.run()).toEqual({ next: 'now' });
    expect(final).toEqual([first, third]);
    await step.run();
    expect(signedFor).toEqual([[second]]);
  });

  test('are looked for some at a time, fewer where that was too much, and taken over as far as it got', async () => {
    const windows = close(200);
    const base = scriptedChain();
    const asked: number[] = [];
    let bearable = 10;
    const step = stepOn({
      forecast: async () => ({ result: 'already_anchored' }),
      findAnchors: async (roots) => {
        asked.push(roots.length);
        if (roots.length > bearable) return unreachable();
        return [{ anchor: anchorOf(base, `0x${asked.length}`), windows: roots.map(({ window }) => window) }];
      },
    });
    for (let times = 0; times < 3; times++)
      await expect(step.run()).rejects.toMatchObject({ code: 'chain_unreachable' });
    expect(asked).toEqual([64, 32, 16]);
    await expect(step.run()).rejects.toMatchObject({ code: 'chain_unreachable' });
    expect(final).toEqual(windows.slice(0, 8));
    bearable = 64;
    await step.run();
    expect(asked.slice(3)).toEqual([8, 16, 8, 16, 32, 64, 64, 8]);
    expect(final).toEqual(windows);
    expect(states()).toEqual([]);
  });

  test('in a block that is not final yet are waited for, and nothing is signed', async () => {
    close();
    const step = stepOn({ forecast: async () => ({ result: 'already_anchored' }) });
    expect(await step.run()).toMatchObject({
      next: 'retry',
      state: 'waiting',
      detail: expect.stringContaining('not final yet'),
    });
    expect(states()).toEqual([]);
  });

  test('and are of an attempt of ours that looked lost make that attempt final', async () => {
    const windows = close(2);
    const base = scriptedChain();
    let lost = true;
    const step = stepOn({
      findTransaction: async () => ABSENT,
      forecast: async () => (lost ? { result: 'ok', gasLimit: 1n } : { result: 'already_anchored' }),
      findAnchors: async (roots) => [{ anchor: anchorOf(base, '0x0'), windows: roots.map(({ window }) => window) }],
    });
    await step.run();
    lost = false;
    await step.run();
    await clock.advance(TIMING.lostAfterMs);
    await step.run();
    expect(states()).toEqual(['failed']);
    await step.run();
    expect(final).toEqual(windows);
    expect(states()).toEqual(['final']);
  });
});

test('a new key takes over what the old one left behind', async () => {
  const windows = close();
  await stepOn({ findTransaction: async () => PENDING, finalNonce: async () => 41n, account: '0xOLD' }).run();
  const step = stepOn({ findTransaction: async (id) => (id === '0x41' ? PENDING : FINAL) });
  expect(await step.run()).toEqual({ next: 'poll' });
  await clock.advance(TIMING.stuckAfterMs);
  expect(await step.run()).toEqual({ next: 'now' });
  await step.run();
  await step.run();
  expect(final).toEqual(windows);
  expect(states()).toEqual(['final', 'failed']);
});
