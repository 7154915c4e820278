import type { Anchor } from '@chronos/shared';
import type { Chain, RefusalReason, RootToAnchor } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { AnchorStore, Attempt, ClosedWindow } from '../store/anchors.js';
import { type Action, nextActions, type StateTiming } from './anchor-state.js';

export interface StepOptions {
  store: AnchorStore;
  chain: Chain;
  clock: Clock;
  logger: Logger;
  requiredChains: readonly string[];
  timing: StateTiming;
  onFinal?: (windows: number[]) => void;
}

/** How a step ended, and so when the next one is due. */
export type StepOutcome =
  /** Nothing is to be done until another window closes. */
  | { next: 'idle' }
  /** Something was settled: look at what comes next. */
  | { next: 'now' }
  /** Something is on its way. */
  | { next: 'poll' }
  /** The operator has to act, or to wait. */
  | { next: 'retry'; state: 'waiting' | 'stopped'; detail: string };

/**
 * One look at the chain and what follows from it. It keeps nothing but doubts: after a crash at any point the next step, of this process or
 * another, finds in the store and on the chain all that it needs. Throws `chain_unreachable` where the chain gave no answer: what was in
 * doubt stays so, and the next step asks again.
 */
export class AnchorStep {
  private suspectedAtMs: number | undefined;

  constructor(private readonly options: StepOptions) {}

  async run(): Promise<StepOutcome> {
    const { store, chain, clock, timing } = this.options;
    const attempts = store.findUnfinishedAttempts(chain.chain);
    const unanchored = store.countUnanchored(chain.chain) > 0;
    if (attempts.length === 0 && !unanchored) return { next: 'idle' };

    const finalNonce = await chain.finalNonce();
    const statuses = new Map(
      await Promise.all(
        attempts.map(async ({ transactionId }) => [transactionId, await chain.findTransaction(transactionId)] as const),
      ),
    );
    const monotonicMs = clock.monotonicMs();
    const actions = nextActions(
      {
        account: chain.account,
        attempts,
        statuses,
        finalNonce,
        highestNonce: store.findHighestNonce(chain.chain, chain.account),
        unanchored,
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

  private async perform(action: Action): Promise<StepOutcome> {
    const { store, chain, logger } = this.options;
    switch (action.do) {
      case 'record_included':
        store.recordState(chain.chain, action.attempt.transactionId, 'included');
        return { next: 'poll' };
      case 'record_taken_back':
        store.recordState(chain.chain, action.attempt.transactionId, 'broadcast');
        logger.warn(about(action.attempt), 'the chain took a block with an anchor back');
        return { next: 'poll' };
      case 'record_final': {
        const { transactionId, contract, windows } = action.attempt;
        const { type, chain: name } = chain;
        this.recordFinal({ type, chain: name, contract, transaction: transactionId, block: action.block }, windows);
        return { next: 'now' };
      }
      case 'record_failed':
        store.recordFailed(chain.chain, action.attempt.transactionId, action.reason);
        logger.warn({ ...about(action.attempt), reason: action.reason }, 'an anchor failed');
        return { next: 'now' };
      case 'broadcast':
        return this.broadcast(action.attempt, true);
      case 'sign':
        return this.anchorNext(action.nonce, action.replaces);
      case 'report_behind':
        return waiting(
          `the chain says that ${chain.account} has used its nonces below ${action.finalNonce}, and ${action.knownNonce} is used already: ` +
            `the endpoints lag behind, or the chain was reset`,
        );
      case 'suspect':
      case 'wait':
        return { next: 'poll' };
    }
  }

  /** Signs the oldest windows that wait, records that, and only then sends it: a crash in between leaves bytes that are sent again. */
  private async anchorNext(nonce: bigint, replaces?: Attempt): Promise<StepOutcome> {
    const { store, chain, clock, logger } = this.options;
    const windows = store.findUnanchored(chain.chain, chain.maxAnchorsPerTransaction);
    if (windows.length === 0) return { next: 'poll' };
    const anchors = windows.map(toAnchor);
    const forecast = await chain.forecast(anchors);
    if (forecast.result === 'already_anchored') return this.adopt(windows);
    if (forecast.result === 'refused') return this.refused(forecast.reason, forecast.detail);
    const signed = await chain.sign(anchors, nonce, forecast.gasLimit, replaces?.fee);
    if (signed.result === 'refused') return this.refused(signed.reason, signed.detail);

    const attempt: Attempt = {
      ...signed.transaction,
      chain: chain.chain,
      contract: chain.contract,
      account: chain.account,
      state: 'signed',
      // Later than what it replaces, whatever the wall clock says: the last signed is the dearest.
      signedAtMs: Math.max(clock.nowMs(), (replaces?.signedAtMs ?? 0) + 1),
      windows: windows.map(({ id }) => id),
    };
    store.recordSigned(attempt);
    logger.info({ ...about(attempt), replacement: replaces !== undefined }, 'signed an anchor');
    return this.broadcast(attempt, replaces === undefined);
  }

  /**
   * The contract has some of these roots: from an attempt that was given up, or from a store of later date than this one, restored from a
   * backup. They are paid for; what stands on the chain is taken over.
   */
  private async adopt(windows: readonly ClosedWindow[]): Promise<StepOutcome> {
    let adopted = 0;
    for (const window of windows) {
      const anchor = await this.options.chain.findAnchor(window.root, window.id);
      if (anchor === undefined) continue;
      this.recordFinal(anchor, [window.id]);
      adopted++;
    }
    if (adopted > 0) return { next: 'now' };
    return waiting('the contract has roots that wait here, in a block that is not final yet');
  }

  private async broadcast(attempt: Attempt, mayReplace: boolean): Promise<StepOutcome> {
    const { store, chain, clock } = this.options;
    const sent = await chain.broadcast(attempt.signedBytes);
    // Used up by this attempt, by a rival or by somebody else: the next look tells.
    if (sent.result === 'nonce_used') return { next: 'poll' };
    if (sent.result === 'accepted') {
      store.recordBroadcast(chain.chain, attempt.transactionId, clock.nowMs());
      return { next: 'poll' };
    }
    if (sent.reason === 'fee_too_low' && mayReplace) return this.anchorNext(attempt.nonce, attempt);
    return this.refused(sent.reason, sent.detail);
  }

  private refused(reason: RefusalReason | 'not_owner' | 'fee_above_limit', detail: string): StepOutcome {
    const { account, contract } = this.options.chain;
    switch (reason) {
      case 'insufficient_funds':
        return waiting(`the wallet cannot pay for an anchor: ${detail}. Send ZIL to ${account}`);
      case 'fee_above_limit':
        return waiting(`anchoring is too dear at present: ${detail}`);
      case 'fee_too_low':
        return waiting(`the network wants a higher fee: ${detail}`);
      case 'not_owner':
        return stopped(`${account} does not own ${contract}: hand the contract over to it, or give its owner's key`);
      case 'not_accepted_by_network':
        return stopped(`the network does not take our transactions: ${detail}`);
      case 'other':
        return waiting(`the network refuses the anchor: ${detail}`);
    }
  }

  private recordFinal(anchor: Anchor, windows: readonly number[]): void {
    const { store, clock, logger, requiredChains, onFinal } = this.options;
    const final = store.recordFinal(anchor, windows, requiredChains, clock.nowMs());
    logger.info(
      { transaction: anchor.transaction, block: anchor.block.number, windows: windows.length },
      'an anchor is final',
    );
    if (final.length > 0) onFinal?.(final);
  }
}

function toAnchor({ id, root, logSize, logRoot }: ClosedWindow): RootToAnchor {
  return { window: id, root, logSize, logRoot };
}

function about({ transactionId, nonce, windows }: Attempt): Record<string, unknown> {
  return { transaction: transactionId, nonce: nonce.toString(), windows: windows.length };
}

function waiting(detail: string): StepOutcome {
  return { next: 'retry', state: 'waiting', detail };
}

function stopped(detail: string): StepOutcome {
  return { next: 'retry', state: 'stopped', detail };
}
