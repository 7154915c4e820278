import { describe, expect, test } from '@jest/globals';
import type { TransactionStatus } from '../chain/chain.js';
import type { Attempt, AttemptState } from '../store/anchors.js';
import { type Action, nextActions, type Situation } from './anchor-state.js';

const TIMING = { rebroadcastAfterMs: 10_000, stuckAfterMs: 60_000, lostAfterMs: 30_000 };
const NOW = 1_000_000;
const block = { number: 9, hash: '0xb9', time: '2026-11-20T10:00:33.000Z' };

const ABSENT: TransactionStatus = { state: 'absent' };
const PENDING: TransactionStatus = { state: 'pending' };
const IN_BLOCK: TransactionStatus = { state: 'included', succeeded: true, final: false, block };
const REVERTED: TransactionStatus = { state: 'included', succeeded: false, final: false, block };
const FINAL: TransactionStatus = { state: 'included', succeeded: true, final: true, block };
const FINAL_REVERTED: TransactionStatus = { state: 'included', succeeded: false, final: true, block };

interface Given {
  id?: string;
  nonce?: bigint;
  state?: AttemptState;
  is: TransactionStatus;
  ageMs?: number;
  sentAgoMs?: number;
  account?: string;
}

/** What follows where these are unfinished. */
function decide(given: readonly Given[], situation: Partial<Situation> = {}): string[] {
  const attempts = given.map((one, index): Attempt => {
    const { id = `t${index}`, nonce = 5n, state = 'broadcast', ageMs = 1000, sentAgoMs = ageMs, account = 'us' } = one;
    const fields = { chain: 'c', contract: '0xc0', signedBytes: new Uint8Array(), windows: [30], fee: '{}' };
    const signedAtMs = NOW - ageMs;
    const sent = state === 'signed' ? {} : { broadcastAtMs: NOW - sentAgoMs };
    return { ...fields, ...sent, transactionId: id, nonce, state, signedAtMs, account };
  });
  const statuses = new Map(attempts.map(({ transactionId }, index) => [transactionId, given[index]!.is]));
  const defaults = {
    account: 'us',
    finalNonce: 5n,
    highestNonce: undefined,
    unanchored: true,
    paused: false,
    halted: false,
    suspectedForMs: undefined,
  };
  return nextActions({ ...defaults, nowMs: NOW, attempts, statuses, ...situation }, TIMING).map(describeAction);
}

function describeAction(action: Action): string {
  switch (action.do) {
    case 'record_failed':
      return `record_failed ${action.attempt.transactionId}: ${action.reason}`;
    case 'sign':
      return `sign ${action.nonce}${action.replaces === undefined ? '' : ` replacing ${action.replaces.transactionId}`}`;
    case 'report_behind':
      return `report_behind ${action.finalNonce} ${action.knownNonce}`;
    case 'suspect':
    case 'wait':
      return action.do;
    default:
      return `${action.do} ${action.attempt.transactionId}`;
  }
}

describe('nothing is in flight', () => {
  test.each<[string, Partial<Situation>, string[]]>([
    ['nothing waits', { unanchored: false }, []],
    ['the first anchor of an account', {}, ['sign 5']],
    ['after one of ours', { highestNonce: 4n }, ['sign 5']],
    ['somebody else used nonces of the account, or the store is an old copy', { highestNonce: 1n }, ['sign 5']],
    ['the operator has paused it', { paused: true }, []],
    ['the chain has not seen our last nonce used', { highestNonce: 5n }, ['suspect']],
    ['it goes on so', { highestNonce: 5n, suspectedForMs: 29_999 }, ['suspect']],
    ['it has gone on so for long', { highestNonce: 7n, suspectedForMs: 30_000 }, ['report_behind 5 7']],
  ])('%s', (_name, situation, actions) => {
    expect(decide([], situation)).toEqual(actions);
  });
});

describe('one attempt is in flight', () => {
  test.each<[string, Given, Partial<Situation>, string[]]>([
    ['recorded, and a crash came', { state: 'signed', is: ABSENT }, {}, ['broadcast t0']],
    ['recorded long ago', { state: 'signed', is: ABSENT, ageMs: 999_999 }, {}, ['broadcast t0']],
    ['recorded, sent, a crash, and a node has it', { state: 'signed', is: PENDING }, {}, ['broadcast t0']],
    ['a node has it', { is: PENDING }, {}, ['wait']],
    ['no node has it yet', { is: ABSENT, sentAgoMs: 9_999 }, {}, ['wait']],
    ['it was dropped', { is: ABSENT, sentAgoMs: 10_000, ageMs: 20_000 }, {}, ['broadcast t0']],
    ['it is stuck in the pool', { is: PENDING, ageMs: 60_000 }, {}, ['sign 5 replacing t0']],
    ['it waits, as all do, for the chain has halted', { is: PENDING, ageMs: 60_000 }, { halted: true }, ['wait']],
    ['it was dropped by a chain that has halted', { is: ABSENT, ageMs: 20_000 }, { halted: true }, ['broadcast t0']],
    ['it is stuck while paused', { is: PENDING, ageMs: 60_000 }, { paused: true }, ['wait']],
    ['it was recorded, and paused', { state: 'signed', is: ABSENT }, { paused: true }, ['wait']],
    ['it is in a block while paused', { is: IN_BLOCK }, { paused: true }, ['record_included t0', 'wait']],
    ['dropped and long overdue: first the same again', { is: ABSENT, ageMs: 60_000 }, {}, ['broadcast t0']],
    ['then a dearer one', { is: ABSENT, ageMs: 60_000, sentAgoMs: 1 }, {}, ['sign 5 replacing t0']],
    ['the wall clock was set back and it was dropped', { is: ABSENT, ageMs: -5_000 }, {}, ['broadcast t0']],
    ['the wall clock was set back and it waits', { is: PENDING, ageMs: -500_000 }, {}, ['wait']],
    ['in a block', { is: IN_BLOCK }, {}, ['record_included t0', 'wait']],
    ['in a block, as known', { state: 'included', is: IN_BLOCK }, {}, ['wait']],
    ['in a block before we knew it was sent', { state: 'signed', is: IN_BLOCK }, {}, ['record_included t0', 'wait']],
    ['stuck no more', { is: IN_BLOCK, ageMs: 99_999 }, {}, ['record_included t0', 'wait']],
    ['in a block for long, on a halted chain', { state: 'included', is: IN_BLOCK, ageMs: 999_999 }, {}, ['wait']],
    ['refused in a block that may go', { is: REVERTED }, {}, ['record_included t0', 'wait']],
    ['taken back', { state: 'included', is: PENDING }, {}, ['record_taken_back t0', 'wait']],
    [
      'taken back and gone',
      { state: 'included', is: ABSENT, sentAgoMs: 10_000 },
      {},
      ['record_taken_back t0', 'broadcast t0'],
    ],
    ['final', { state: 'included', is: FINAL }, { finalNonce: 6n }, ['record_final t0']],
    ['final at the first look', { state: 'signed', is: FINAL }, { finalNonce: 6n }, ['record_final t0']],
    ['final, and another endpoint counts less', { is: FINAL }, { finalNonce: 5n }, ['record_final t0']],
    [
      'reverted for good',
      { state: 'included', is: FINAL_REVERTED },
      { finalNonce: 6n },
      ['record_failed t0: the contract refused it in block 9'],
    ],
    ['its nonce is used, and it is in a block', { is: IN_BLOCK }, { finalNonce: 6n }, ['record_included t0', 'wait']],
    ['its nonce is used, and it is nowhere', { is: ABSENT }, { finalNonce: 6n }, ['suspect']],
    ['its nonce is used, and a pool still has it', { is: PENDING }, { finalNonce: 6n }, ['suspect']],
    ['nowhere still', { is: ABSENT }, { finalNonce: 6n, suspectedForMs: 29_999 }, ['suspect']],
    [
      'nowhere for long enough',
      { is: ABSENT },
      { finalNonce: 6n, suspectedForMs: 30_000 },
      ['record_failed t0: its nonce 5 was used by a transaction that is not in this store'],
    ],
    ['never sent, and its nonce is used', { state: 'signed', is: ABSENT }, { finalNonce: 6n }, ['suspect']],
    ['the chain is behind its nonce', { is: ABSENT }, { finalNonce: 4n }, ['suspect']],
    ['behind for long', { is: ABSENT }, { finalNonce: 4n, suspectedForMs: 30_000 }, ['report_behind 4 5']],
  ])('%s', (_name, given, situation, actions) => {
    expect(decide([given], situation)).toEqual(actions);
  });

  test('it is followed whether or not other windows wait', () => {
    expect(decide([{ is: FINAL }], { unanchored: false })).toEqual(['record_final t0']);
  });
});

describe('an attempt and its dearer replacement are in flight', () => {
  const replaced = 'replaced by';
  test.each<[string, [Given, Given], Partial<Situation>, string[]]>([
    ['a crash came before it was sent', [{ is: PENDING }, { state: 'signed', is: ABSENT }], {}, ['broadcast t1']],
    ['both wait', [{ is: PENDING, ageMs: 99_999 }, { is: PENDING }], {}, ['wait']],
    ['the first went out of the pools, as it should', [{ is: ABSENT, ageMs: 99_999 }, { is: PENDING }], {}, ['wait']],
    [
      'the replacement is stuck too',
      [
        { is: ABSENT, ageMs: 200_000 },
        { is: PENDING, ageMs: 99_999 },
      ],
      {},
      ['sign 5 replacing t1'],
    ],
    ['the replacement is in a block', [{ is: ABSENT }, { is: IN_BLOCK }], {}, ['record_included t1', 'wait']],
    [
      'the first is in a block after all',
      [{ is: IN_BLOCK }, { is: ABSENT, sentAgoMs: 99_999 }],
      {},
      ['record_included t0', 'wait'],
    ],
    [
      'one block was taken back, another has the other',
      [{ state: 'included', is: ABSENT }, { is: IN_BLOCK }],
      {},
      ['record_taken_back t0', 'record_included t1', 'wait'],
    ],
    [
      'the replacement is final',
      [{ is: ABSENT }, { is: FINAL }],
      {},
      ['record_final t1', `record_failed t0: ${replaced} t1`],
    ],
    [
      'the first is final after all',
      [{ is: FINAL }, { is: PENDING }],
      {},
      ['record_final t0', `record_failed t1: ${replaced} t0`],
    ],
    [
      'one reverted for good',
      [{ is: FINAL_REVERTED }, { is: ABSENT }],
      {},
      ['record_failed t0: the contract refused it in block 9', `record_failed t1: ${replaced} t0`],
    ],
    [
      'neither took the nonce',
      [{ is: ABSENT }, { is: ABSENT }],
      { finalNonce: 6n, suspectedForMs: 99_999 },
      ['t0', 't1'].map((id) => `record_failed ${id}: its nonce 5 was used by a transaction that is not in this store`),
    ],
  ])('%s', (_name, given, situation, actions) => {
    expect(decide(given, situation)).toEqual(actions);
  });

  test('a later nonce waits for the earlier', () => {
    expect(decide([{ is: PENDING }, { nonce: 6n, state: 'signed', is: ABSENT }])).toEqual(['wait']);
  });
});

describe('an attempt of an account that the wallet is no longer', () => {
  const old = { account: 'them', nonce: 900n };
  test.each<[string, Given, string[]]>([
    ['may still come', { ...old, is: PENDING }, ['wait']],
    ['is not sent again', { ...old, state: 'signed', is: ABSENT }, ['wait']],
    ['is followed in a block', { ...old, is: IN_BLOCK, ageMs: 999_999 }, ['record_included t0', 'wait']],
    ['counts when it is final', { ...old, is: FINAL }, ['record_final t0']],
    [
      'fails when it reverted',
      { ...old, is: FINAL_REVERTED },
      ['record_failed t0: the contract refused it in block 9'],
    ],
    [
      'is given up when it does not come',
      { ...old, is: PENDING, ageMs: 60_000 },
      ['record_failed t0: signed by them, which the wallet is no longer'],
    ],
  ])('%s', (_name, given, actions) => {
    expect(decide([given], { finalNonce: 0n })).toEqual(actions);
  });
});
