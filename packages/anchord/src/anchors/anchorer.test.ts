import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ChronosError } from '@chronos/shared';
import { pino } from 'pino';
import type { Chain } from '../chain/chain.js';
import { type AnchorStore, openAnchorStore } from '../store/anchors.js';
import { openStore, type Store } from '../store/store.js';
import { CHAIN } from '../test-support/anchoring-bench.js';
import { closeWindows } from '../test-support/closed-windows.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { ABSENT, PENDING, scriptedChain } from '../test-support/scripted-chain.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { type Anchorer, createAnchorer } from './anchorer.js';

let temporary: ReturnType<typeof temporaryFolder>;
let store: Store;
let anchors: AnchorStore;
let clock: FakeClock;
let log: { level: number; msg: string; state?: string; detail?: string }[];
let final: number[];
let anchorer: Anchorer;

beforeEach(() => {
  temporary = temporaryFolder();
  store = openStore(temporary.folder);
  anchors = openAnchorStore(store);
  clock = new FakeClock(1_800_000_000_000);
  log = [];
  final = [];
});
afterEach(async () => {
  await anchorer.close();
  store.close();
  temporary.remove();
});

const timing = { pollMs: 1_000, maxBackoffMs: 16_000 };
const logger = pino({}, { write: (line: string) => void log.push(JSON.parse(line)) });

function start(chain: Chain): void {
  const onFinal = (windows: number[]) => void final.push(...windows);
  anchorer = createAnchorer({ store: anchors, chain, clock, logger, requiredChains: [CHAIN], timing, onFinal });
  anchorer.start();
}

/** Lets everything happen that needs no time. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  await settled();
}

const unreachable = async (): Promise<never> => {
  throw new ChronosError('chain_unreachable', 'no answer within 10000 ms');
};

test('it asks the chain once at the start, and then nothing while nothing waits', async () => {
  const chain = scriptedChain();
  start(chain);
  await settled();
  expect(chain.calls).toEqual(['check', 'health']);
  for (let minutes = 0; minutes < 60; minutes++) await pass(60_000);
  expect(chain.calls).toEqual(['check', 'health']);
  expect(anchorer.state()).toEqual({
    ...{ state: 'ok', pendingAttempts: 0, unanchored: 0 },
    lastHealth: { height: 12, finalHeight: 10, balance: 7n, anchorCost: 2n, anchorsAffordable: 3 },
  });
});

test('a window that closes wakes it, and is told when it is final', async () => {
  start(scriptedChain());
  await settled();
  const windows = closeWindows(store, 1, [CHAIN]);
  anchorer.wake();
  await settled();
  expect(anchorer.state()).toMatchObject({ pendingAttempts: 1, unanchored: 1 });
  await pass(2_000);
  expect(final).toEqual(windows);
  expect(anchorer.state()).toMatchObject({ state: 'ok', pendingAttempts: 0, unanchored: 0 });
});

test('a window that closes while a step is under way is not missed', async () => {
  let answer = (): void => undefined;
  const health = await scriptedChain().health();
  start(scriptedChain({ health: () => new Promise((resolve) => (answer = () => resolve(health))) }));
  await settled();
  const windows = closeWindows(store, 1, [CHAIN]);
  anchorer.wake();
  answer();
  await settled();
  await pass(2_000);
  expect(final).toEqual(windows);
});

describe('while the chain gives no answer', () => {
  test('it asks less and less often, window or no window, says so once, and goes on by itself', async () => {
    let down = true;
    const chain = scriptedChain();
    const forecast = chain.forecast;
    start(Object.assign(chain, { forecast: (roots: never[]) => (down ? unreachable() : forecast(roots)) }));
    const windows = closeWindows(store, 1, [CHAIN]);
    anchorer.wake();
    await settled();
    const asked = () => chain.calls.filter((name) => name === 'forecast').length;
    for (let second = 0; second < 120; second++) {
      anchorer.wake();
      await pass(1_000);
    }
    expect(asked()).toBeGreaterThan(6);
    expect(asked()).toBeLessThan(20);
    expect(anchorer.state()).toMatchObject({
      state: 'unreachable',
      detail: 'no answer within 10000 ms',
      unanchored: 1,
    });
    down = false;
    await pass(20_000);
    await pass(2_000);
    expect(final).toEqual(windows);
    const told = log.filter(({ msg }) => msg.startsWith('anchoring')).map(({ msg, state }) => [msg, state]);
    expect(told).toEqual([
      ['anchoring does not go on', 'unreachable'],
      ['anchoring goes on', undefined],
    ]);
  });

  test('it starts all the same', async () => {
    let up = false;
    start(scriptedChain({ check: () => (up ? Promise.resolve() : unreachable()) }));
    await settled();
    expect(anchorer.state()).toMatchObject({ state: 'unreachable' });
    up = true;
    await pass(16_000);
    expect(anchorer.state()).toMatchObject({ state: 'ok' });
  });
});

describe('the status page says what the operator has to do', () => {
  test.each<[string, Partial<Chain>, object]>([
    [
      'the wrong chain',
      { check: () => Promise.reject(new ChronosError('invalid_settings', 'http://node serves chain eip155:1')) },
      { state: 'stopped', detail: 'http://node serves chain eip155:1' },
    ],
    [
      'a wallet without money',
      { forecast: async () => ({ result: 'refused', reason: 'insufficient_funds', detail: 'holds 0' }) },
      { state: 'waiting', detail: 'the wallet cannot pay for an anchor: holds 0. Send ZIL to 0xACC0' },
    ],
    [
      'a network that takes no such transactions',
      {
        broadcast: async () => ({ result: 'refused', reason: 'not_accepted_by_network', detail: 'it is disabled' }),
        findTransaction: async () => ABSENT,
        finalNonce: async () => 0n,
      },
      { state: 'stopped', detail: 'the network does not take our transactions: it is disabled' },
    ],
    [
      'a fault of ours',
      { findTransaction: () => Promise.reject(new TypeError('x is undefined')) },
      { state: 'stopped', detail: 'anchoring failed inside; the log has the fault' },
    ],
  ])('%s', async (_name, methods, expected) => {
    start(scriptedChain(methods));
    closeWindows(store, 1, [CHAIN]);
    anchorer.wake();
    await settled();
    await pass(2_000);
    for (let turn = 0; turn < 10; turn++) await pass(20_000);
    expect(anchorer.state()).toMatchObject(expected);
    expect(log.filter(({ detail }) => detail !== undefined)).toMatchObject([expected]);
  });
});

test('close ends it, in the midst of a step or of a pause, and nothing is asked afterwards', async () => {
  closeWindows(store, 1, [CHAIN]);
  const chain = scriptedChain({ findTransaction: async () => PENDING, finalNonce: async () => 0n });
  start(chain);
  await settled();
  await pass(2_000);
  await anchorer.close();
  const asked = chain.calls.length;
  anchorer.wake();
  await pass(100_000);
  expect(chain.calls).toHaveLength(asked);
});
