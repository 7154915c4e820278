import { type Chain, type ChainHealth, inZil } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { AnchorEvent } from './anchor-events.js';

/** At full use, windows of 30 s, this is four hours. */
export const LOW_BALANCE_ANCHORS = 500;
/** A chain without a new block for this long has halted: they come each second, and less often on a network in trouble. */
const HALTED_AFTER_MS = 90_000;

export interface HealthWatchOptions {
  chain: Chain;
  clock: Clock;
  /** How often the chain is asked. */
  everyMs: number;
  lowBalanceAnchors: number;
  tell: (event: AnchorEvent) => void;
}

/** Asks for balance and heights now and then, whether there is something to anchor or not, and tells what changes. */
export class HealthWatch {
  private last: { atMs: number; value: ChainHealth } | undefined;
  private rise: { height: number; atMs: number } | undefined;
  private balanceIsLow = false;
  private haltedSinceMs: number | undefined;

  constructor(private readonly options: HealthWatchOptions) {}

  /** No block was made for a while. */
  get halted(): boolean {
    return this.haltedSinceMs !== undefined;
  }

  /** `inFlight`: something of ours waits for a block. A chain that makes blocks on demand only, as some local ones do, has not halted. */
  async read({ inFlight }: { inFlight: boolean }): Promise<void> {
    const { chain, clock, everyMs } = this.options;
    const atMs = clock.monotonicMs();
    if (this.last !== undefined && atMs - this.last.atMs < everyMs) return;
    const value = await chain.health();
    this.last = { atMs, value };
    this.noteBalance(value);
    this.noteHeight(value, atMs, inFlight);
  }

  state(): { lastHealth?: ChainHealth & { balanceZil: string }; healthAgeMs?: number } {
    if (this.last === undefined) return {};
    const { atMs, value } = this.last;
    return {
      lastHealth: { ...value, balanceZil: this.inZil(value) },
      healthAgeMs: Math.round(this.options.clock.monotonicMs() - atMs),
    };
  }

  /** What is wrong and what to do; undefined where nothing is. */
  trouble(): string | undefined {
    if (this.haltedSinceMs === undefined || this.rise === undefined) return undefined;
    const minutes = Math.floor((this.options.clock.monotonicMs() - this.haltedSinceMs) / 60_000);
    return `no endpoint has seen a block after ${this.rise.height}, for ${minutes} minutes: the chain has halted, or the endpoints have; wait, or add other endpoints`;
  }

  private noteBalance(health: ChainHealth): void {
    const { lowBalanceAnchors: threshold, tell } = this.options;
    const { anchorsAffordable } = health;
    const balanceZil = this.inZil(health);
    if (anchorsAffordable < threshold) {
      if (!this.balanceIsLow) tell({ event: 'balance_low', balanceZil, anchorsAffordable, threshold });
      this.balanceIsLow = true;
    } else if (this.balanceIsLow && anchorsAffordable >= threshold * 1.1) {
      // A tenth more, for the price of gas goes up and down.
      tell({ event: 'balance_restored', balanceZil, anchorsAffordable });
      this.balanceIsLow = false;
    }
  }

  private noteHeight({ height }: ChainHealth, atMs: number, inFlight: boolean): void {
    const { tell } = this.options;
    if (this.rise === undefined || height !== this.rise.height) {
      if (this.haltedSinceMs !== undefined) tell({ event: 'chain_moves', height, lastedMs: atMs - this.haltedSinceMs });
      this.haltedSinceMs = undefined;
      this.rise = { height, atMs };
      return;
    }
    const forMs = atMs - this.rise.atMs;
    if (!inFlight || this.haltedSinceMs !== undefined || forMs < HALTED_AFTER_MS) return;
    this.haltedSinceMs = this.rise.atMs;
    tell({ event: 'chain_halted', height, forMs });
  }

  private inZil({ balance }: ChainHealth): string {
    return inZil(balance, this.options.chain.decimals);
  }
}
