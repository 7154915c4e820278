import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';

/** So many units in each minute, for each client. */
export const QUOTA_SECONDS = 60;

export interface RateLimitOptions {
  /** As the `RateLimit` header names it. */
  name: string;
  quota: number;
  /** Of how many clients it is known what they took; beyond it those are forgotten who have not asked for longest. */
  maxClients: number;
  clock: Pick<Clock, 'monotonicMs'>;
}

/** Sums of fractions are not exact: so much is forgiven. */
const ROUNDING_MS = 0.01;

/** What came of asking for units. */
export interface Verdict {
  ok: boolean;
  /** Units that the client may take at once now. */
  remaining: number;
  /** Until all of the quota is there again; or, where it was refused, until the same may be asked again. */
  seconds: number;
}

/**
 * A quota for each client, which may be taken at once and comes back evenly (GCRA: one number a client, no timers). The table is bounded.
 * What is refused is not counted: who keeps asking is served at the quota's rate.
 */
export class RateLimit {
  readonly policy: string;
  private readonly msAUnit: number;
  /** When a client's quota will be whole again, by the monotonic clock. */
  private readonly wholeAtMs: LRUCache<string, number>;

  constructor(private readonly options: RateLimitOptions) {
    this.policy = `"${options.name}";q=${options.quota};w=${QUOTA_SECONDS}`;
    this.msAUnit = (QUOTA_SECONDS * 1000) / options.quota;
    this.wholeAtMs = new LRUCache({ max: options.maxClients });
  }

  take(client: string, units: number): Verdict {
    const nowMs = this.options.clock.monotonicMs();
    const wasWholeAtMs = Math.max(nowMs, this.wholeAtMs.get(client) ?? 0);
    const wholeAtMs = wasWholeAtMs + units * this.msAUnit;
    const missingMs = wholeAtMs - nowMs;
    const quotaMs = QUOTA_SECONDS * 1000;
    if (missingMs > quotaMs + ROUNDING_MS) {
      const remaining = Math.max(0, Math.floor((quotaMs - (wasWholeAtMs - nowMs)) / this.msAUnit));
      return { ok: false, remaining, seconds: Math.ceil((missingMs - quotaMs - ROUNDING_MS) / 1000) };
    }
    this.wholeAtMs.set(client, wholeAtMs);
    return {
      ok: true,
      remaining: Math.max(0, Math.floor((quotaMs - missingMs) / this.msAUnit)),
      seconds: Math.ceil(missingMs / 1000),
    };
  }

  /** As the header says it: how much is left, and in how many seconds it is whole (or to be asked for) again. */
  header({ remaining, seconds }: Verdict): string {
    return `"${this.options.name}";r=${remaining};t=${seconds}`;
  }
}
