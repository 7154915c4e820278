import { type Anchor, ChronosError } from '@chronos/shared';
import { type Chain, type FoundAnchor, inZil, type RefusalReason, type RootToAnchor } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { AnchorStore, Attempt, ClosedWindow } from '../store/anchors.js';
import type { AnchorEvent, AttemptNote, TroubleCause } from './anchor-events.js';
import { type Action, nextActions, type StateTiming } from './anchor-state.js';
import { type BumpResult, refusedToBump, whyNotToBump } from './bump.js';

export interface StepOptions {
  store: AnchorStore;
  chain: Chain;
  clock: Clock;
  requiredChains: readonly string[];
  timing: StateTiming;
  onEvent: (event: AnchorEvent) => void;
  onFinal?: (windows: number[]) => void;
}

const MAX_ADOPTED = 64;

/** How a step ended, and so when the next one is due. */
export type StepOutcome =
  /** Nothing is to be done until another window closes. */
  | { next: 'idle' }
  /** Something was settled: look at what comes next. */
  | { next: 'now' }
  /** Something is on its way. */
  | { next: 'poll' }
  /** The operator has to act, or to wait. */
  | Retry;

export interface Retry {
  next: 'retry';
  state: 'waiting' | 'stopped';
  cause: TroubleCause;
  detail: string;
}

/**
 * One look at the chain and what follows from it. It keeps nothing but doubts: after a crash at any point the next step, of this process or
 * another, finds in the store and on the chain all that it needs. Throws `chain_unreachable` where the chain gave no answer: what was in
 * doubt stays so, and the next step asks again.
 */
export class AnchorStep {
  private suspectedAtMs: number | undefined;
  /** How many roots are looked for at once; what was found of them is recorded before the next. */
  private adoptSize = MAX_ADOPTED;

  constructor(private readonly options: StepOptions) {}

  /** `halted`: the chain makes no blocks at present. */
  async run({ halted = false } = {}): Promise<StepOutcome> {
    const { store, chain, clock, timing } = this.options;
    const attempts = store.findUnfinishedAttempts(chain.chain);
    const unanchored = store.countUnanchored(chain.chain) > 0;
    const paused = store.isPaused(chain.chain);
    if (attempts.length === 0 && (paused || !unanchored)) return { next: 'idle' };

    const { finalNonce, statuses } = await this.look(attempts);
    const monotonicMs = clock.monotonicMs();
    const actions = nextActions(
      {
        account: chain.account,
        attempts,
        statuses,
        finalNonce,
        highestNonce: store.findHighestNonce(chain.chain, chain.account),
        ...{ unanchored, paused, halted },
        nowMs: clock.nowMs(),
        suspectedForMs: this.suspectedAtMs === undefined ? undefined : monotonicMs - this.suspectedAtMs,
      },
      timing,
    );
    const doubtful = actions.some((action) => action.do === 'suspect' || action.do === 'report_behind');
    this.suspectedAtMs = doubtful ? (this.suspectedAtMs ?? monotonicMs) : undefined;

    let outcome: StepOutcome = { next: 'poll' };
    for (const action of actions) outcome = await this.perform(action);
    return outcome;
  }

  /**
   * Replaces the pending attempt now: the same nonce, a higher fee, recorded first. Not to be called while {@link run} is under way. Throws
   * `chain_unreachable`.
   */
  async bump(transactionId?: string): Promise<BumpResult> {
    const { store, chain } = this.options;
    const attempts = store.findUnfinishedAttempts(chain.chain);
    const rivals = attempts.filter(({ nonce }) => nonce === attempts[0]?.nonce);
    const paused = store.isPaused(chain.chain);
    const refusal = whyNotToBump({ account: chain.account, attempts, rivals, paused, transactionId });
    if (refusal !== undefined) return refusal;
    const dearest = rivals[rivals.length - 1]!;
    const { finalNonce, statuses } = await this.look(rivals);
    const included = rivals.find((rival) => statuses.get(rival.transactionId)?.state === 'included');
    if (included !== undefined || finalNonce > dearest.nonce) {
      const what = included === undefined ? `nonce ${dearest.nonce}` : `transaction ${included.transactionId}`;
      return refusedToBump('already_included', `${what} is in a block already: there is nothing to replace`);
    }
    const outcome = await this.anchorNext(dearest.nonce, { attempt: dearest, by: 'operator' }).catch(unanswered);
    const replacement = store.findUnfinishedAttempts(chain.chain).at(-1);
    if (replacement === undefined || replacement.signedAtMs <= dearest.signedAtMs) {
      if (outcome instanceof ChronosError) throw outcome;
      if (outcome.next === 'retry') return refusedToBump(outcome.cause, outcome.detail);
      return refusedToBump('nothing_pending', 'what it carries is on the chain already');
    }
    return {
      result: 'replaced',
      ...{ replaced: dearest.transactionId, replacedCostZil: this.note(dearest).costZil },
      ...this.note(replacement),
    };
  }

  /** What the chain knows of these; the final nonce first, so that nothing can become final in between unseen. */
  private async look(attempts: readonly Attempt[]) {
    const { chain } = this.options;
    const finalNonce = await chain.finalNonce();
    const statuses = new Map(
      await Promise.all(
        attempts.map(async ({ transactionId }) => [transactionId, await chain.findTransaction(transactionId)] as const),
      ),
    );
    return { finalNonce, statuses };
  }

  private async perform(action: Action): Promise<StepOutcome> {
    const { store, chain, onEvent } = this.options;
    switch (action.do) {
      case 'record_included':
        store.recordState(chain.chain, action.attempt.transactionId, 'included');
        onEvent({ event: 'included', ...this.note(action.attempt) });
        return { next: 'poll' };
      case 'record_taken_back':
        store.recordState(chain.chain, action.attempt.transactionId, 'broadcast');
        onEvent({ event: 'taken_back', ...this.note(action.attempt) });
        return { next: 'poll' };
      case 'record_final': {
        const { transactionId, contract, windows } = action.attempt;
        const { type, chain: name } = chain;
        const anchor: Anchor = { type, chain: name, contract, transaction: transactionId, block: action.block };
        this.recordFinal(anchor, windows);
        onEvent({ event: 'final', transaction: transactionId, block: action.block, windows: windows.length });
        return { next: 'now' };
      }
      case 'record_failed':
        store.recordFailed(chain.chain, action.attempt.transactionId, action.reason);
        onEvent({ event: 'failed', cause: action.cause, reason: action.reason, ...this.note(action.attempt) });
        return { next: 'now' };
      case 'broadcast':
        return this.broadcast(action.attempt, true);
      case 'sign':
        return this.anchorNext(action.nonce, action.replaces && { attempt: action.replaces, by: 'timing' });
      case 'report_behind':
        return waiting(
          'nonce_behind',
          `the chain says that ${chain.account} has used its nonces below ${action.finalNonce}, and ${action.knownNonce} is used already: ` +
            `either an endpoint lags behind, and anchoring goes on when it has caught up, or the chain went back to an earlier state, ` +
            `and proofs made since then no longer hold (a local trial chain that was killed: start anew with an empty data folder)`,
        );
      case 'suspect':
      case 'wait':
        return { next: 'poll' };
    }
  }

  /** Signs the oldest windows that wait, records that, and only then sends it: a crash in between leaves bytes that are sent again. */
  private async anchorNext(nonce: bigint, replaces?: Replacement): Promise<StepOutcome> {
    const { store, chain, clock, onEvent } = this.options;
    const windows = store.findUnanchored(chain.chain, chain.maxAnchorsPerTransaction);
    if (windows.length === 0) return { next: 'poll' };
    const anchors = windows.map(toAnchor);
    const forecast = await chain.forecast(anchors);
    if (forecast.result === 'already_anchored') return this.adopt(windows);
    if (forecast.result === 'refused') return this.refused(forecast.reason, forecast.detail);
    const signed = await chain.sign(anchors, nonce, forecast.gasLimit, replaces?.attempt.fee);
    if (signed.result === 'refused') return this.refused(signed.reason, signed.detail);

    const attempt: Attempt = {
      ...signed.transaction,
      chain: chain.chain,
      contract: chain.contract,
      account: chain.account,
      state: 'signed',
      // Later than what it replaces, whatever the wall clock says: the last signed is the dearest.
      signedAtMs: Math.max(clock.nowMs(), (replaces?.attempt.signedAtMs ?? 0) + 1),
      windows: windows.map(({ id }) => id),
    };
    store.recordSigned(attempt);
    const note = this.note(attempt);
    if (replaces === undefined) onEvent({ event: 'signed', ...note });
    else onEvent({ event: 'replaced', replaces: replaces.attempt.transactionId, by: replaces.by, ...note });
    return this.broadcast(attempt, replaces === undefined);
  }

  /**
   * The contract has some of these roots: from an attempt that was given up, or from a store of later date than this one, restored from a
   * backup. They are paid for; what stands on the chain is taken over.
   */
  private async adopt(windows: readonly ClosedWindow[]): Promise<StepOutcome> {
    let adopted = 0;
    for (let at = 0; at < windows.length;) {
      const some = windows.slice(at, at + this.adoptSize).map(({ id, root }) => ({ window: id, root }));
      let found: FoundAnchor[];
      try {
        found = await this.options.chain.findAnchors(some);
      } catch (error) {
        // Less at once the next time, down to a single root, should it have been too much for the endpoint.
        this.adoptSize = Math.max(1, Math.floor(this.adoptSize / 2));
        throw error;
      }
      for (const { anchor, windows: held } of found) this.recordFinal(anchor, held);
      if (found.length > 0) {
        const transactions = found.map(({ anchor }) => anchor.transaction);
        const count = found.reduce((sum, { windows: held }) => sum + held.length, 0);
        this.options.onEvent({ event: 'adopted', transactions, windows: count });
      }
      adopted += found.length;
      at += some.length;
      this.adoptSize = Math.min(MAX_ADOPTED, this.adoptSize * 2);
    }
    if (adopted > 0) return { next: 'now' };
    return waiting('not_final_yet', 'the contract has roots that wait here, in a block that is not final yet');
  }

  private async broadcast(attempt: Attempt, mayReplace: boolean): Promise<StepOutcome> {
    const { store, chain, clock, onEvent } = this.options;
    const sent = await chain.broadcast(attempt.signedBytes);
    // Used up by this attempt, by a rival or by somebody else: the next look tells.
    if (sent.result === 'nonce_used') return { next: 'poll' };
    if (sent.result === 'accepted') {
      store.recordBroadcast(chain.chain, attempt.transactionId, clock.nowMs());
      onEvent({ event: 'broadcast', again: attempt.state !== 'signed', ...this.note(attempt) });
      return { next: 'poll' };
    }
    if (sent.reason === 'fee_too_low' && mayReplace) return this.anchorNext(attempt.nonce, { attempt, by: 'refusal' });
    return this.refused(sent.reason, sent.detail);
  }

  private refused(reason: Refusal, detail: string): StepOutcome {
    const { account, contract } = this.options.chain;
    switch (reason) {
      case 'insufficient_funds':
        return waiting(reason, `the wallet cannot pay for an anchor: ${detail}. Send ZIL to ${account}`);
      case 'fee_above_limit':
        return waiting(reason, `anchoring is too dear at present: ${detail}`);
      case 'fee_too_low':
        return waiting(reason, `the network wants a higher fee: ${detail}`);
      case 'not_owner':
        return stopped(
          reason,
          `${account} does not own ${contract}: hand the contract over to it, or give its owner's key`,
        );
      case 'not_accepted_by_network':
        return stopped(reason, `the network does not take our transactions: ${detail}`);
      case 'other':
        return waiting(reason, `the network refuses the anchor: ${detail}`);
    }
  }

  private recordFinal(anchor: Anchor, windows: readonly number[]): void {
    const { store, clock, requiredChains, onFinal } = this.options;
    const final = store.recordFinal(anchor, windows, requiredChains, clock.nowMs());
    if (final.length > 0) onFinal?.(final);
  }

  private note(attempt: Attempt): AttemptNote {
    return noteOf(this.options.chain, attempt);
  }
}

type Refusal = RefusalReason | 'not_owner' | 'fee_above_limit';

/** An attempt that a dearer one is to take the place of, and who wants it. */
interface Replacement {
  attempt: Attempt;
  by: 'operator' | 'timing' | 'refusal';
}

export function noteOf(chain: Chain, { transactionId, nonce, windows, signedBytes }: Attempt): AttemptNote {
  const costZil = inZil(chain.highestCost(signedBytes), chain.decimals);
  return { transaction: transactionId, nonce, windows: windows.length, costZil };
}

function unanswered(error: unknown): ChronosError {
  if (error instanceof ChronosError && error.code === 'chain_unreachable') return error;
  throw error;
}

function toAnchor({ id, root, logSize, logRoot }: ClosedWindow): RootToAnchor {
  return { window: id, root, logSize, logRoot };
}

function waiting(cause: TroubleCause, detail: string): Retry {
  return { next: 'retry', state: 'waiting', cause, detail };
}

function stopped(cause: TroubleCause, detail: string): Retry {
  return { next: 'retry', state: 'stopped', cause, detail };
}
