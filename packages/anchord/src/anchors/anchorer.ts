import { ChronosError } from '@chronos/shared';
import type { Chain, ChainHealth, EndpointState } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { AnchorStore, AttemptState } from '../store/anchors.js';
import type { AnchorEvent, Trouble } from './anchor-events.js';
import type { StateTiming } from './anchor-state.js';
import { AnchorStep, noteOf, type StepOutcome } from './anchor-step.js';
import { type BumpResult, refusedToBump } from './bump.js';
import { logEvent } from './event-log.js';
import { HealthWatch, LOW_BALANCE_ANCHORS } from './health-watch.js';
import { TroubleWatch } from './trouble-watch.js';

export interface AnchorerOptions {
  store: AnchorStore;
  chain: Chain;
  clock: Clock;
  logger: Logger;
  /** A window is final when all of these hold its root. */
  requiredChains: readonly string[];
  timing?: Partial<AnchorTiming>;
  /** Told after the windows were recorded as final. */
  onFinal?: (windows: number[]) => void;
  /** Told of all that happens; it is in the log already. */
  onEvent?: (event: AnchorEvent) => void;
  /** The operator is warned when the wallet pays for fewer anchors than this. */
  lowBalanceAnchors?: number;
}

export interface AnchorTiming extends StateTiming {
  /** Between two looks at the chain while something is in flight; varied by a fifth. */
  pollMs: number;
  /** A transaction that the chain does not know is sent again after this long. */
  rebroadcastAfterMs: number;
  /** One that is in no block after this long is replaced by a dearer one. */
  stuckAfterMs: number;
  /** How long the endpoints must tell the same before a transaction is given up for lost. */
  lostAfterMs: number;
  /** The longest pause while the chain is unreachable, or while it waits for the operator. */
  maxBackoffMs: number;
  /** How often balance and heights are asked for, whether there is something to anchor or not. */
  healthEveryMs: number;
}

/** For Zilliqa's networks: blocks of a second, final after two more, and endpoints that limit the rate of calls. */
export const DEFAULT_TIMING: AnchorTiming = {
  pollMs: 3_000,
  rebroadcastAfterMs: 15_000,
  stuckAfterMs: 120_000,
  lostAfterMs: 30_000,
  maxBackoffMs: 60_000,
  healthEveryMs: 60_000,
};

/** A transaction that may still come onto the chain. */
export interface PendingAttempt {
  transaction: string;
  nonce: bigint;
  /** The most that it may cost. */
  costZil: string;
  state: AttemptState;
  signedAtMs: number;
  broadcastAtMs?: number;
  /** Ids, ascending. */
  windows: number[];
}

export interface AnchorerState {
  state: 'ok' | 'waiting' | 'unreachable' | 'stopped';
  /** What is wrong and what to do, for the operator. */
  detail?: string;
  paused: boolean;
  pendingAttempts: number;
  /** The same, one by one; the last of a nonce is the dearest. */
  attempts: PendingAttempt[];
  /** The closed windows that the chain does not hold finally yet. */
  unanchored: number;
  endpoints: EndpointState[];
  /** As of the last time that the chain told it, which is `healthAgeMs` ago. */
  lastHealth?: ChainHealth & { balanceZil: string };
  healthAgeMs?: number;
}

/** Brings the roots of closed windows onto one chain. */
export interface Anchorer {
  start(): void;
  /** A window was closed. */
  wake(): void;
  state(): AnchorerState;
  /**
   * From now on, and after a restart too, nothing is signed and nothing is sent. What is in flight is followed until it is final, digests are
   * taken and windows closed.
   */
  pause(): void;
  resume(): void;
  /** Replaces the pending transaction by a dearer one, without waiting until it counts as stuck. */
  bump(transactionId?: string): Promise<BumpResult>;
  /** Resolves when the step that was under way has ended. */
  close(): Promise<void>;
}

/** Anchors windows until it is closed. It never throws: what goes wrong is in {@link Anchorer.state}, logged once, and tried again. */
export function createAnchorer(options: AnchorerOptions): Anchorer {
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  return new AnchorLoop(options, timing);
}

/** A step's outcome, or what kept the step from one. */
type Outcome = Exclude<StepOutcome, { next: 'retry' }> | ({ next: 'retry' } & Trouble);

class AnchorLoop implements Anchorer {
  private readonly step: AnchorStep;
  private readonly health: HealthWatch;
  private readonly trouble: TroubleWatch;
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;
  private idle: AbortController | undefined;
  private woken = false;
  private checked = false;
  /** A step, or the operator's wish: one at a time. */
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly options: AnchorerOptions,
    private readonly timing: AnchorTiming,
  ) {
    const onEvent = (event: AnchorEvent) => {
      this.tell(event);
    };
    this.step = new AnchorStep({ ...options, timing, onEvent });
    const { lowBalanceAnchors = LOW_BALANCE_ANCHORS } = options;
    this.health = new HealthWatch({ ...options, lowBalanceAnchors, everyMs: timing.healthEveryMs, tell: onEvent });
    this.trouble = new TroubleWatch(options.clock, onEvent);
    options.chain.listen(onEvent);
  }

  start(): void {
    this.running ??= this.loop();
  }

  wake(): void {
    this.woken = true;
    this.idle?.abort();
  }

  state(): AnchorerState {
    const { store, chain } = this.options;
    const attempts = store.findUnfinishedAttempts(chain.chain).map((attempt): PendingAttempt => {
      const { signedAtMs, broadcastAtMs, windows, state } = attempt;
      const sent = broadcastAtMs === undefined ? {} : { broadcastAtMs };
      return { ...noteOf(chain, attempt), state, signedAtMs, ...sent, windows };
    });
    const paused = store.isPaused(chain.chain);
    const endpoints = chain.endpoints();
    return {
      ...this.standing(paused, endpoints),
      paused,
      pendingAttempts: attempts.length,
      attempts,
      unanchored: store.countUnanchored(chain.chain),
      endpoints,
      ...this.health.state(),
    };
  }

  pause(): void {
    this.setPaused(true);
  }

  resume(): void {
    this.setPaused(false);
    this.wake();
  }

  async bump(transactionId?: string): Promise<BumpResult> {
    if (this.closing.signal.aborted) return refusedToBump('unreachable', 'anchord is stopping');
    try {
      return await this.exclusively(() => this.step.bump(transactionId));
    } catch (error) {
      if (!(error instanceof ChronosError)) throw error;
      const reason = error.code === 'chain_unreachable' ? 'unreachable' : 'settings';
      return refusedToBump(reason, error.message);
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
    await this.underWay;
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.closing.signal.aborted) {
      this.woken = false;
      const outcome = await this.exclusively(() => this.tryStep());
      if (this.closing.signal.aborted) return;
      this.trouble.note(outcome.next === 'retry' ? troubleIn(outcome) : undefined);
      failures = outcome.next === 'retry' ? failures + 1 : 0;
      await this.pauseAfter(outcome, failures);
    }
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.underWay.then(work);
    // Its own fault is its caller's; who comes next only waits for the end.
    this.underWay = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  private async tryStep(): Promise<Outcome> {
    const { store, chain } = this.options;
    try {
      if (!this.checked) await chain.check();
      this.checked = true;
      const outcome = await this.step.run({ halted: this.health.halted });
      // A chain that has lost transactions may have lost the contract.
      if (outcome.next === 'retry' && outcome.cause === 'nonce_behind') this.checked = false;
      await this.health.read({ inFlight: store.findUnfinishedAttempts(chain.chain).length > 0 });
      return outcome;
    } catch (error) {
      if (error instanceof ChronosError && error.code === 'chain_unreachable') {
        return { next: 'retry', state: 'unreachable', cause: 'unreachable', detail: error.message };
      }
      this.checked = false;
      if (error instanceof ChronosError) {
        return { next: 'retry', state: 'stopped', cause: 'settings', detail: error.message };
      }
      // A fault of ours or of the disk. What was recorded stays true, so trying again is safe.
      const detail = 'anchoring failed inside; the log has the fault';
      return { next: 'retry', state: 'stopped', cause: 'internal', detail, err: error };
    }
  }

  private standing(paused: boolean, endpoints: readonly EndpointState[]): Pick<AnchorerState, 'state' | 'detail'> {
    const { current } = this.trouble;
    if (current !== undefined) return { state: current.state, detail: current.detail };
    if (paused)
      return { state: 'waiting', detail: 'anchoring is paused by the operator: resume it when it is to go on' };
    const halt = this.health.trouble();
    if (halt !== undefined) return { state: 'waiting', detail: halt };
    const behind = endpoints.find(({ state }) => state === 'behind');
    if (behind === undefined) return { state: 'ok' };
    const advice = 'nothing is final before it has caught up; if it does not, take it out of the settings';
    return { state: 'waiting', detail: `the endpoint ${behind.endpoint} lags: ${behind.detail}: ${advice}` };
  }

  private setPaused(paused: boolean): void {
    const { store, chain } = this.options;
    if (store.isPaused(chain.chain) === paused) return;
    store.recordPaused(chain.chain, paused);
    this.tell({ event: paused ? 'paused' : 'resumed' });
  }

  private tell(event: AnchorEvent): void {
    logEvent(this.options.logger, event);
    this.options.onEvent?.(event);
  }

  private async pauseAfter({ next }: Outcome, failures: number): Promise<void> {
    const { clock } = this.options;
    const { pollMs, maxBackoffMs } = this.timing;
    if (next === 'now') return;
    if (next === 'poll') return clock.sleep(vary(pollMs), this.closing.signal);
    // Not ended by a window that closes: windows close all the time, and a chain in trouble is to be left alone.
    if (next === 'retry') return clock.sleep(vary(Math.min(pollMs * 2 ** failures, maxBackoffMs)), this.closing.signal);
    if (this.woken) return;
    this.idle = new AbortController();
    await clock.sleep(maxBackoffMs, AbortSignal.any([this.closing.signal, this.idle.signal]));
    this.idle = undefined;
  }
}

function troubleIn({ next: _next, ...trouble }: Extract<Outcome, { next: 'retry' }>): Trouble {
  return trouble;
}

/** Between four and six fifths, so that daemons that stopped together do not come back together. */
function vary(ms: number): number {
  return ms * (0.8 + 0.4 * Math.random());
}
