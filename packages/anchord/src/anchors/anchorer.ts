import { ChronosError } from '@chronos/shared';
import type { Chain, ChainHealth } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { AnchorStore } from '../store/anchors.js';
import type { StateTiming } from './anchor-state.js';
import { AnchorStep, type StepOutcome } from './anchor-step.js';

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
  /** How often balance and height are asked for, while there is something to anchor. */
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

export interface AnchorerState {
  state: 'ok' | 'waiting' | 'unreachable' | 'stopped';
  /** What is wrong and what to do, for the operator. */
  detail?: string;
  pendingAttempts: number;
  unanchored: number;
  lastHealth?: ChainHealth;
}

/** Brings the roots of closed windows onto one chain. */
export interface Anchorer {
  start(): void;
  /** A window was closed. */
  wake(): void;
  state(): AnchorerState;
  /** Resolves when the step that was under way has ended. */
  close(): Promise<void>;
}

/** Anchors windows until it is closed. It never throws: what goes wrong is in {@link Anchorer.state}, logged once, and tried again. */
export function createAnchorer(options: AnchorerOptions): Anchorer {
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  return new AnchorLoop(options, timing);
}

/** A step's outcome, or what kept the step from one. */
type Outcome = StepOutcome | { next: 'retry'; state: 'unreachable'; detail: string };

class AnchorLoop implements Anchorer {
  private readonly step: AnchorStep;
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;
  private idle: AbortController | undefined;
  private woken = false;
  private checked = false;
  private health: { at: number; value: ChainHealth } | undefined;
  private trouble: { state: AnchorerState['state']; detail?: string } = { state: 'ok' };

  constructor(
    private readonly options: AnchorerOptions,
    private readonly timing: AnchorTiming,
  ) {
    this.step = new AnchorStep({ ...options, timing });
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
    return {
      ...this.trouble,
      pendingAttempts: store.findUnfinishedAttempts(chain.chain).length,
      unanchored: store.countUnanchored(chain.chain),
      ...(this.health === undefined ? {} : { lastHealth: this.health.value }),
    };
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.closing.signal.aborted) {
      this.woken = false;
      const outcome = await this.tryStep();
      if (this.closing.signal.aborted) return;
      this.note(outcome);
      failures = outcome.next === 'retry' ? failures + 1 : 0;
      await this.pause(outcome, failures);
    }
  }

  private async tryStep(): Promise<Outcome> {
    const { chain } = this.options;
    try {
      if (!this.checked) await chain.check();
      this.checked = true;
      const outcome = await this.step.run();
      if (outcome.next !== 'idle' || this.health === undefined) await this.readHealth();
      return outcome;
    } catch (error) {
      if (error instanceof ChronosError && error.code === 'chain_unreachable') {
        return { next: 'retry', state: 'unreachable', detail: error.message };
      }
      this.checked = false;
      if (error instanceof ChronosError) return { next: 'retry', state: 'stopped', detail: error.message };
      // A fault of ours or of the disk. What was recorded stays true, so trying again is safe.
      this.options.logger.error({ err: error }, 'anchoring failed');
      return { next: 'retry', state: 'stopped', detail: 'anchoring failed inside; the log has the fault' };
    }
  }

  private async readHealth(): Promise<void> {
    const now = this.options.clock.monotonicMs();
    if (this.health !== undefined && now - this.health.at < this.timing.healthEveryMs) return;
    this.health = { at: now, value: await this.options.chain.health() };
  }

  /** Tells the log of a change, and only of a change: what each unanswered call says differs from time to time. */
  private note(outcome: Outcome): void {
    const { logger } = this.options;
    const before = this.trouble;
    this.trouble = outcome.next === 'retry' ? { state: outcome.state, detail: outcome.detail } : { state: 'ok' };
    const { state, detail } = this.trouble;
    if (state === before.state && (state === 'unreachable' || detail === before.detail)) return;
    if (state === 'ok') logger.info('anchoring goes on');
    else logger.warn({ state, detail }, 'anchoring does not go on');
  }

  private async pause({ next }: Outcome, failures: number): Promise<void> {
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

/** Between four and six fifths, so that daemons that stopped together do not come back together. */
function vary(ms: number): number {
  return ms * (0.8 + 0.4 * Math.random());
}
