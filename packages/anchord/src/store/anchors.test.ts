import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { closeWindows, rootOf } from '../test-support/closed-windows.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { type AnchorStore, openAnchorStore } from './anchors.js';
import { openStore, type Store } from './store.js';
import { Windows } from './windows.js';

const CHAIN = 'eip155:31337';
const OTHER = 'zilliqa:1';
const ACCOUNT = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

let temporary: ReturnType<typeof temporaryFolder>;
let store: Store;
let anchors: AnchorStore;

beforeEach(() => {
  temporary = temporaryFolder();
  store = openStore(temporary.folder);
  anchors = openAnchorStore(store);
});
afterEach(() => {
  store.close();
  temporary.remove();
});

function attempt(transactionId: string, nonce: bigint, windows: number[], signedAtMs = 1000) {
  const fields = {
    chain: CHAIN,
    contract: '0xc0',
    account: ACCOUNT,
    fee: '{}',
    signedBytes: Buffer.from(transactionId),
  };
  return { ...fields, transactionId, nonce, windows, signedAtMs };
}

function anchor(transaction: string, chain = CHAIN) {
  const block = { number: 7, hash: '0xb7', time: '2026-11-20T10:00:33.000Z' };
  return { type: 'zilliqa-evm' as const, chain, contract: '0xc0', transaction, block };
}

const finalAt = (id: number) => new Windows(store.db).find(id)?.finalAtMs;

describe('what waits', () => {
  test('closed windows wait for each chain, oldest first, with their root and place in the log', () => {
    const ids = closeWindows(store, 3, [CHAIN]);
    expect(anchors.countUnanchored(CHAIN)).toBe(3);
    expect(anchors.countUnanchored(OTHER)).toBe(0);
    const found = anchors.findUnanchored(CHAIN, 2);
    expect(found.map(({ id, logSize }) => [id, logSize])).toEqual([
      [ids[0], 1],
      [ids[1], 2],
    ]);
    expect(Buffer.from(found[0]!.root)).toEqual(rootOf(ids[0]!));
  });
});

describe('attempts', () => {
  test('an attempt comes back as it was recorded', () => {
    const windows = closeWindows(store, 2, [CHAIN]);
    const recorded = attempt('0x01', 2n ** 40n, windows);
    anchors.recordSigned(recorded);
    expect(anchors.findUnfinishedAttempts(CHAIN)).toEqual([{ ...recorded, state: 'signed' }]);
    anchors.recordBroadcast(CHAIN, '0x01', 2000);
    expect(anchors.findUnfinishedAttempts(CHAIN)).toEqual([{ ...recorded, state: 'broadcast', broadcastAtMs: 2000 }]);
    expect(anchors.findUnfinishedAttempts(OTHER)).toEqual([]);
  });

  test('they are listed by nonce, then by age', () => {
    const windows = closeWindows(store, 1, [CHAIN]);
    anchors.recordSigned(attempt('0x0c', 4n, windows, 1));
    anchors.recordSigned(attempt('0x0b', 3n, windows, 20));
    anchors.recordSigned(attempt('0x0a', 3n, windows, 10));
    expect(anchors.findUnfinishedAttempts(CHAIN).map(({ transactionId }) => transactionId)).toEqual([
      '0x0a',
      '0x0b',
      '0x0c',
    ]);
  });

  test('one is recorded once, with at least one window, and no window that does not exist', () => {
    const windows = closeWindows(store, 1, [CHAIN]);
    anchors.recordSigned(attempt('0x01', 0n, windows));
    expect(() => anchors.recordSigned(attempt('0x01', 0n, windows))).toThrow(/UNIQUE|PRIMARY/);
    expect(() => anchors.recordSigned(attempt('0x02', 0n, []))).toThrow('at least one window');
    expect(() => anchors.recordSigned(attempt('0x03', 0n, [windows[0]!, 1]))).toThrow('FOREIGN KEY');
    expect(anchors.findUnfinishedAttempts(CHAIN)).toHaveLength(1);
  });

  test('the highest nonce is the account’s, of attempts of whatever state', () => {
    const windows = closeWindows(store, 1, [CHAIN]);
    expect(anchors.findHighestNonce(CHAIN, ACCOUNT)).toBeUndefined();
    anchors.recordSigned(attempt('0x01', 5n, windows));
    anchors.recordSigned({ ...attempt('0x02', 9n, windows), account: '0x02' });
    anchors.recordFailed(CHAIN, '0x01', 'why');
    expect(anchors.findHighestNonce(CHAIN, ACCOUNT)).toBe(5n);
  });

  test('a failed attempt is no longer unfinished, and is not changed again', () => {
    const windows = closeWindows(store, 1, [CHAIN]);
    anchors.recordSigned(attempt('0x01', 0n, windows));
    anchors.recordFailed(CHAIN, '0x01', 'reverted');
    expect(anchors.findUnfinishedAttempts(CHAIN)).toEqual([]);
    expect(() => anchors.recordBroadcast(CHAIN, '0x01', 1)).toThrow('no unfinished attempt');
    expect(() => anchors.recordState(CHAIN, '0x01', 'included')).toThrow('no unfinished attempt');
    expect(() => anchors.recordFailed(CHAIN, '0x01', 'again')).toThrow('no unfinished attempt');
    expect(() => anchors.recordFailed(CHAIN, '0x99', 'unknown')).toThrow('no unfinished attempt');
    expect(anchors.countUnanchored(CHAIN)).toBe(1);
  });
});

describe('a final anchor', () => {
  test('makes its windows final and leaves the others waiting', () => {
    const [first, second, third] = closeWindows(store, 3, [CHAIN]) as [number, number, number];
    anchors.recordSigned(attempt('0x01', 0n, [first, second]));
    expect(anchors.recordFinal(anchor('0x01'), [first, second], [CHAIN], 5000)).toEqual([first, second]);
    expect([finalAt(first), finalAt(second), finalAt(third)]).toEqual([5000, 5000, undefined]);
    expect(anchors.findAnchors(first)).toEqual([anchor('0x01')]);
    expect(anchors.findUnanchored(CHAIN, 10).map(({ id }) => id)).toEqual([third]);
    expect(anchors.findUnfinishedAttempts(CHAIN)).toEqual([]);
  });

  test('a window is final when the last required chain holds it', () => {
    const [window] = closeWindows(store, 1, [CHAIN, OTHER]) as [number];
    expect(anchors.recordFinal(anchor('0x01'), [window], [CHAIN, OTHER], 1)).toEqual([]);
    expect(finalAt(window)).toBeUndefined();
    expect(anchors.recordFinal(anchor('0x02', OTHER), [window], [CHAIN, OTHER], 2)).toEqual([window]);
    expect(finalAt(window)).toBe(2);
    expect(anchors.findAnchors(window).map(({ transaction }) => transaction)).toEqual(['0x01', '0x02']);
  });

  test('of an optional chain is stated by the proof when it came in time, and changes no proof when it did not', () => {
    const [early, late] = closeWindows(store, 2, [CHAIN, OTHER]) as [number, number];
    expect(anchors.recordFinal(anchor('0x01', OTHER), [early], [CHAIN], 1)).toEqual([]);
    expect(anchors.recordFinal(anchor('0x02'), [early, late], [CHAIN], 2)).toEqual([early, late]);
    expect(anchors.recordFinal(anchor('0x03', OTHER), [late], [CHAIN], 3)).toEqual([]);
    expect(anchors.findAnchors(early)).toHaveLength(2);
    expect(anchors.findAnchors(late)).toEqual([anchor('0x02')]);
    expect([finalAt(early), finalAt(late)]).toEqual([2, 2]);
    expect(anchors.countUnanchored(OTHER)).toBe(0);
  });

  test('is recorded once a window and chain, and then none of it', () => {
    const [first, second] = closeWindows(store, 2, [CHAIN]) as [number, number];
    anchors.recordFinal(anchor('0x01'), [first], [CHAIN], 1);
    expect(() => anchors.recordFinal(anchor('0x02'), [second, first], [CHAIN], 2)).toThrow();
    expect(anchors.findAnchors(first)).toEqual([anchor('0x01')]);
    expect(anchors.findAnchors(second)).toEqual([]);
    expect(finalAt(second)).toBeUndefined();
  });

  test('of an attempt that was given up makes that attempt final', () => {
    const [window] = closeWindows(store, 1, [CHAIN]) as [number];
    anchors.recordSigned(attempt('0x01', 0n, [window]));
    anchors.recordFailed(CHAIN, '0x01', 'given up');
    anchors.recordFinal(anchor('0x01'), [window], [CHAIN], 1);
    const row = store.db.prepare('SELECT state, reason FROM attempts').get();
    expect(row).toEqual({ state: 'final', reason: null });
  });
});

describe('when the chains are others than they were', () => {
  test('windows that are not final wait for a new chain, and those that are do not', () => {
    const [first, second] = closeWindows(store, 2, [CHAIN]) as [number, number];
    anchors.recordFinal(anchor('0x01'), [first], [CHAIN], 1);
    expect(anchors.recordChains([CHAIN, OTHER], [CHAIN, OTHER], 2)).toEqual([]);
    expect(anchors.findUnanchored(OTHER, 10).map(({ id }) => id)).toEqual([second]);
    anchors.recordFinal(anchor('0x02'), [second], [CHAIN, OTHER], 3);
    expect(anchors.recordChains([CHAIN, OTHER], [CHAIN, OTHER], 4)).toEqual([]);
    expect(anchors.recordFinal(anchor('0x03', OTHER), [second], [CHAIN, OTHER], 5)).toEqual([second]);
  });

  test('windows that waited for a chain that is no longer required are final', () => {
    const [first, second] = closeWindows(store, 2, [CHAIN, OTHER]) as [number, number];
    anchors.recordFinal(anchor('0x01'), [first], [CHAIN, OTHER], 1);
    expect(anchors.recordChains([CHAIN, OTHER], [CHAIN], 2)).toEqual([first]);
    expect([finalAt(first), finalAt(second)]).toEqual([2, undefined]);
  });

  test('without any required chain no window is final', () => {
    const [window] = closeWindows(store, 1, [CHAIN]) as [number];
    expect(anchors.recordChains([], [], 1)).toEqual([]);
    expect(finalAt(window)).toBeUndefined();
  });
});
