import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ChronosError } from '@chronos/shared';
import { pino } from 'pino';
import type { Chain, TransactionStatus } from '../chain/chain.js';
import { type AnchorStore, openAnchorStore } from '../store/anchors.js';
import { openStore, type Store } from '../store/store.js';
import { CHAIN } from '../test-support/anchoring-bench.js';
import { closeWindows } from '../test-support/closed-windows.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { ABSENT, FINAL, HEALTH, PENDING, scriptedChain } from '../test-support/scripted-chain.js';
import { temporaryFolder } from '../test-support/temporary.js';
import type { AnchorEvent } from './anchor-events.js';
import { type Anchorer, createAnchorer } from './anchorer.js';

let temporary: ReturnType<typeof temporaryFolder>;
let store: Store;
let anchors: AnchorStore;
let clock: FakeClock;
let log: { level: number; msg: string; state?: string; detail?: string }[];
let final: number[];
let events: AnchorEvent[];
let anchorer: Anchorer;

beforeEach(() => {
  temporary = temporaryFolder();
  store = openStore(temporary.folder);
  anchors = openAnchorStore(store);
  clock = new FakeClock(1_800_000_000_000);
  log = [];
  final = [];
  events = [];
});
afterEach(async () => {
  await anchorer.close();
  store.close();
  temporary.remove();
});

const timing = { pollMs: 1_000, maxBackoffMs: 16_000 };
const logger = pino({}, { write: (line: string) => void log.push(JSON.parse(line)) });

function start(chain: Chain): void {
  anchorer = createAnchorer({
    ...{ store: anchors, chain, clock, logger, requiredChains: [CHAIN], timing, lowBalanceAnchors: 2 },
    onFinal: (windows) => final.push(...windows),
    onEvent: (event) => events.push(event),
  });
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

const INCLUDED: TransactionStatus = { state: 'included', final: false };

const unreachable = async (): Promise<never> => {
  throw new ChronosError('chain_unreachable', 'no answer within 10000 ms');
};

test('while nothing waits it asks for nothing but balance and heights, once a minute', async () => {
  const chain = scriptedChain();
  start(chain);
  await settled();
  expect(chain.calls).toEqual(['check', 'health']);
  for (let minutes = 0; minutes < 60; minutes++) await pass(60_000);
  expect(chain.calls.filter((name) => name !== 'health')).toEqual(['check']);
  expect(chain.calls).toHaveLength(62);
  expect(anchorer.state()).toEqual({
    ...{ state: 'ok', paused: false, pendingAttempts: 0, attempts: [], unanchored: 0, endpoints: [] },
    lastHealth: { ...HEALTH, balanceZil: '0.000000000000000007' },
    healthAgeMs: 0,
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
  start(scriptedChain({ health: () => new Promise((resolve) => (answer = () => resolve(HEALTH))) }));
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

test('while the balance pays for few anchors it warns, once, and says when it is enough again', async () => {
  let anchorsAffordable = 3;
  start(scriptedChain({ health: async () => ({ ...HEALTH, anchorsAffordable }) }));
  await settled();
  for (anchorsAffordable of [1, 0, 1, 2, 3, 9]) await pass(60_000);
  expect(events).toEqual([
    { event: 'balance_low', balanceZil: '0.000000000000000007', anchorsAffordable: 1, threshold: 2 },
    { event: 'balance_restored', balanceZil: '0.000000000000000007', anchorsAffordable: 3 },
  ]);
  expect(log.map(({ level, msg }) => [level, msg])).toEqual([
    [40, 'the wallet runs low'],
    [30, 'the wallet is funded again'],
  ]);
});

describe('while it is paused', () => {
  test('nothing is signed, after a restart too; windows wait, and go out when it is resumed', async () => {
    start(scriptedChain());
    anchorer.pause();
    anchorer.pause();
    const windows = closeWindows(store, 2, [CHAIN]);
    anchorer.wake();
    await settled();
    await anchorer.close();
    const chain = scriptedChain();
    start(chain);
    for (let minutes = 0; minutes < 10; minutes++) await pass(60_000);
    expect(chain.calls).not.toContain('sign');
    expect(anchorer.state()).toMatchObject({
      ...{ state: 'waiting', paused: true, unanchored: 2, pendingAttempts: 0 },
      detail: 'anchoring is paused by the operator: resume it when it is to go on',
    });
    anchorer.resume();
    await settled();
    await pass(2_000);
    expect(final).toEqual(windows);
    expect(anchorer.state()).toMatchObject({ state: 'ok', paused: false });
    expect(events.map(({ event }) => event)).toEqual(['paused', 'resumed', 'signed', 'broadcast', 'final']);
  });

  test('what is in flight is neither sent again nor replaced, and is followed until it is final', async () => {
    let status = PENDING;
    const chain = scriptedChain({ findTransaction: async () => status, finalNonce: async () => 0n });
    start(chain);
    const windows = closeWindows(store, 1, [CHAIN]);
    anchorer.wake();
    await settled();
    anchorer.pause();
    status = ABSENT;
    for (let minutes = 0; minutes < 10; minutes++) await pass(60_000);
    expect(chain.calls.filter((name) => name === 'sign' || name === 'broadcast')).toEqual(['sign', 'broadcast']);
    status = FINAL;
    await pass(2_000);
    expect(final).toEqual(windows);
  });
});

describe('bump', () => {
  const pending = { findTransaction: async () => PENDING, finalNonce: async () => 0n };

  async function startWithPending(methods: Partial<Chain> = {}, chain = scriptedChain({ ...pending, ...methods })) {
    start(chain);
    closeWindows(store, 1, [CHAIN]);
    anchorer.wake();
    await settled();
  }

  test('replaces the pending transaction at once, with the same nonce, and the state shows both', async () => {
    await startWithPending();
    expect(anchorer.state().attempts).toMatchObject([{ transaction: '0x0', nonce: 0n, state: 'broadcast' }]);
    expect(await anchorer.bump('0x0')).toEqual({
      ...{ result: 'replaced', replaced: '0x0', replacedCostZil: '0.000000000000000005' },
      ...{ transaction: '0x0 after 0x0', nonce: 0n, windows: 1, costZil: '0.000000000000000005' },
    });
    expect(anchorer.state()).toMatchObject({
      pendingAttempts: 2,
      attempts: [{ transaction: '0x0' }, { transaction: '0x0 after 0x0', nonce: 0n, state: 'broadcast' }],
    });
    expect(events.at(-2)).toMatchObject({ event: 'replaced', replaces: '0x0', by: 'operator' });
  });

  test('is told as done when the replacement was recorded and its sending was not answered', async () => {
    let sent = 0;
    await startWithPending({ broadcast: async () => (sent++ === 0 ? { result: 'accepted' } : unreachable()) });
    expect(await anchorer.bump()).toMatchObject({ result: 'replaced', replaced: '0x0' });
  });

  test.each<[string, string | undefined, string, Partial<Chain>]>([
    ['unknown_transaction', '0x77', 'no transaction 0x77 is pending', {}],
    ['already_included', undefined, 'transaction 0x0 is in a block already', { findTransaction: async () => INCLUDED }],
    ['already_included', undefined, 'nonce 0 is in a block already', { finalNonce: async () => 1n }],
    ['unreachable', undefined, 'no answer within 10000 ms', { finalNonce: unreachable }],
  ])('is refused: %s', async (reason, transactionId, detail, later) => {
    const chain = scriptedChain(pending);
    await startWithPending({}, chain);
    Object.assign(chain, later);
    const refusal = await anchorer.bump(transactionId);
    expect(refusal).toMatchObject({ result: 'refused', reason, detail: expect.stringContaining(detail) });
    expect(anchorer.state().attempts).toHaveLength(1);
  });

  test('is refused where the fee limit forbids it, where nothing is pending, and while paused', async () => {
    const { sign } = scriptedChain();
    let limited = false;
    start(
      scriptedChain({
        ...pending,
        sign: async (...given) =>
          limited
            ? { result: 'refused', reason: 'fee_above_limit', detail: 'the limit set is 9 gwei' }
            : sign(...given),
      }),
    );
    await settled();
    expect(await anchorer.bump()).toMatchObject({ result: 'refused', reason: 'nothing_pending' });
    closeWindows(store, 1, [CHAIN]);
    anchorer.wake();
    await settled();
    limited = true;
    const detail = 'anchoring is too dear at present: the limit set is 9 gwei';
    expect(await anchorer.bump()).toEqual({ result: 'refused', reason: 'fee_above_limit', detail });
    limited = false;
    await anchorer.bump();
    const replaced = await anchorer.bump('0x0');
    expect(replaced).toMatchObject({ result: 'refused', reason: 'already_replaced' });
    anchorer.pause();
    expect(await anchorer.bump()).toMatchObject({ result: 'refused', reason: 'paused' });
  });
});
