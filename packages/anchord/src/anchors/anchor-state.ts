import type { TransactionStatus } from '../chain/chain.js';
import type { Attempt } from '../store/anchors.js';
import type { FailureCause } from './anchor-events.js';

// The life of an anchor. An attempt is a signed transaction; attempts with the same nonce exclude each other, for a chain takes a nonce
// once. One nonce is in flight at a time, so nothing of ours is ever queued behind something that may not come.
//
//   sign --> signed --broadcast--> broadcast --in a block--> included --block is final--> final (succeeded) or failed (reverted)
//              ^                     |   ^                      |
//              |                     |   '--block taken back----'
//              '--dearer, same nonce-'   (dropped: the same bytes again)
//
// "Not found" is not "failed": an attempt is given up only when its nonce is used up in the final state and none of ours used it. Windows
// wait in `unanchored` all that time, and the contract is asked for them before anything new is signed.

/** What is known when the next step is decided. */
export interface Situation {
  /** The account that pays at present. */
  account: string;
  /** The unfinished attempts of the chain, by nonce, then by age. */
  attempts: readonly Attempt[];
  /** What the chain knows of each, by transaction id; asked after `finalNonce`, so that nothing can become final in between unseen. */
  statuses: ReadonlyMap<string, TransactionStatus>;
  /** Every lower nonce of this account is used up for ever. */
  finalNonce: bigint;
  /** The highest nonce that this account ever signed, if it did. */
  highestNonce: bigint | undefined;
  /** Whether windows wait to be anchored. */
  unanchored: boolean;
  /** Nothing is signed and nothing sent; what is in flight is followed. */
  paused: boolean;
  /** The chain makes no blocks: a dearer transaction would wait like the one before it, and cost more in the end. */
  halted: boolean;
  nowMs: number;
  /** For how long every look has ended in `suspect`; undefined where the last one did not. */
  suspectedForMs: number | undefined;
}

export interface StateTiming {
  rebroadcastAfterMs: number;
  stuckAfterMs: number;
  lostAfterMs: number;
}

export type Action =
  | { do: 'record_included'; attempt: Attempt }
  /** It was in a block, which the chain took back. */
  | { do: 'record_taken_back'; attempt: Attempt }
  | { do: 'record_final'; attempt: Attempt; block: Final['block'] }
  | { do: 'record_failed'; attempt: Attempt; cause: FailureCause; reason: string }
  /** The same bytes, for the first time or again. */
  | { do: 'broadcast'; attempt: Attempt }
  /** Anchor what waits, oldest first; with `replaces`, in the place of that attempt, at a higher fee. */
  | { do: 'sign'; nonce: bigint; replaces?: Attempt }
  /** What the endpoints say is either serious or one of them lags behind: look again before believing it. */
  | { do: 'suspect' }
  /** The account's nonce is below one that we know to be used. */
  | { do: 'report_behind'; finalNonce: bigint; knownNonce: bigint }
  | { do: 'wait' };

type Final = Extract<TransactionStatus, { state: 'included'; final: true }>;

/** What to do next, in order; empty where there is nothing to do. */
export function nextActions(situation: Situation, timing: StateTiming): Action[] {
  const { attempts, account, statuses } = situation;
  const statusOf = ({ transactionId }: Attempt): TransactionStatus =>
    statuses.get(transactionId) ?? { state: 'absent' };
  const inherited = attempts.filter((attempt) => attempt.account !== account);
  if (inherited.length > 0) {
    return inherited.flatMap((attempt) => windUp(attempt, statusOf(attempt), situation.nowMs, timing));
  }
  const [oldest] = attempts;
  if (oldest === undefined) return situation.unanchored && !situation.paused ? [startAnew(situation, timing)] : [];
  const rivals = attempts.filter(({ nonce }) => nonce === oldest.nonce);

  for (const attempt of rivals) {
    const status = statusOf(attempt);
    if (status.state === 'included' && status.final) return settle(attempt, status, rivals);
  }
  const changes = rivals.flatMap((attempt) => recordChange(attempt, statusOf(attempt)));
  if (rivals.some((attempt) => statusOf(attempt).state === 'included')) return [...changes, { do: 'wait' }];
  if (situation.finalNonce > oldest.nonce) return [...changes, ...giveUp(rivals, situation, timing)];
  if (situation.finalNonce < oldest.nonce)
    return [...changes, believe(behind(situation, oldest.nonce), situation, timing)];
  // The last signed is the dearest, and the one that a pool keeps.
  const dearest = rivals[rivals.length - 1]!;
  return [...changes, situation.paused ? { do: 'wait' } : bringIn(dearest, statusOf(dearest), situation, timing)];
}

/** Nothing is in flight. The next nonce is the final one: whatever else the account has sent is either below it or gives way to us. */
function startAnew(situation: Situation, timing: StateTiming): Action {
  const { finalNonce, highestNonce } = situation;
  // All of ours are finished, so their nonces are used up. A chain that says otherwise lags behind, or is not the chain that it was.
  if (highestNonce !== undefined && finalNonce <= highestNonce) {
    return believe(behind(situation, highestNonce), situation, timing);
  }
  return { do: 'sign', nonce: finalNonce };
}

/** One of the rivals is in a final block: the others can never be. */
function settle(winner: Attempt, status: Final, rivals: readonly Attempt[]): Action[] {
  const outcome: Action = status.succeeded
    ? { do: 'record_final', attempt: winner, block: status.block }
    : {
        do: 'record_failed',
        attempt: winner,
        cause: 'reverted',
        reason: `the contract refused it in block ${status.block.number}`,
      };
  const others = rivals.filter((rival) => rival !== winner);
  const reason = `replaced by ${winner.transactionId}`;
  return [outcome, ...others.map((attempt): Action => ({ do: 'record_failed', attempt, cause: 'superseded', reason }))];
}

function recordChange(attempt: Attempt, status: TransactionStatus): Action[] {
  if (status.state === 'included') return attempt.state === 'included' ? [] : [{ do: 'record_included', attempt }];
  return attempt.state === 'included' ? [{ do: 'record_taken_back', attempt }] : [];
}

/** The nonce is used up and the chain has none of ours: somebody else with the key used it, or a store of later date than this one. */
function giveUp(rivals: readonly Attempt[], situation: Situation, timing: StateTiming): Action[] {
  if (isDoubtful(situation, timing)) return [{ do: 'suspect' }];
  const reason = `its nonce ${rivals[0]!.nonce} was used by a transaction that is not in this store`;
  return rivals.map((attempt) => ({ do: 'record_failed', attempt, cause: 'nonce_taken', reason }));
}

/** The attempt is in no block yet. */
function bringIn(
  attempt: Attempt,
  status: TransactionStatus,
  { nowMs, halted }: Situation,
  timing: StateTiming,
): Action {
  // Never taken by a node, as far as we know: recorded, and then we crashed or were refused.
  if (attempt.state === 'signed') return { do: 'broadcast', attempt };
  // Before a dearer one is thought of: that may be above the limit, and then this one has to stay in the pools.
  const sentAtMs = attempt.broadcastAtMs ?? 0;
  const isDue = hasPassed(sentAtMs, timing.rebroadcastAfterMs, nowMs) || nowMs < sentAtMs;
  if (status.state === 'absent' && isDue) return { do: 'broadcast', attempt };
  if (!halted && hasPassed(attempt.signedAtMs, timing.stuckAfterMs, nowMs)) {
    return { do: 'sign', nonce: attempt.nonce, replaces: attempt };
  }
  return { do: 'wait' };
}

/**
 * An attempt of an account whose key we no longer have. It can be neither replaced nor waited for without end, so here alone one that is in
 * no block is given up while it may still come: the contract then refuses the second of the two.
 */
function windUp(attempt: Attempt, status: TransactionStatus, nowMs: number, timing: StateTiming): Action[] {
  if (status.state === 'included') {
    return status.final ? settle(attempt, status, [attempt]) : [...recordChange(attempt, status), { do: 'wait' }];
  }
  if (!hasPassed(attempt.signedAtMs, timing.stuckAfterMs, nowMs)) return [{ do: 'wait' }];
  const reason = `signed by ${attempt.account}, which the wallet is no longer`;
  return [{ do: 'record_failed', attempt, cause: 'key_changed', reason }];
}

function behind({ finalNonce }: Situation, knownNonce: bigint): Action {
  return { do: 'report_behind', finalNonce, knownNonce };
}

function believe(action: Action, situation: Situation, timing: StateTiming): Action {
  return isDoubtful(situation, timing) ? { do: 'suspect' } : action;
}

function isDoubtful({ suspectedForMs }: Situation, { lostAfterMs }: StateTiming): boolean {
  return suspectedForMs === undefined || suspectedForMs < lostAfterMs;
}

/** A wall clock that was set back holds this up: better late than paying more at every look. */
function hasPassed(sinceMs: number, periodMs: number, nowMs: number): boolean {
  return nowMs - sinceMs >= periodMs;
}
