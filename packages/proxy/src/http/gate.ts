import { ChronosError } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Quota, Quotas } from '../limits.js';
import type { ProxyMetrics } from '../metrics.js';
import { HeadCount } from './head-count.js';
import { overloaded } from './problem.js';
import { RateLimit, type Verdict } from './rate-limit.js';

/** What finding a proof costs anchord, against admitting a digest. */
export const DIGESTS_A_PROOF = 10;

export interface GateOptions {
  quotas: Quotas;
  /** Requests that are being answered at once, of all clients and of one. Those held by `?wait=` are not among them. */
  maxInFlight: number;
  maxInFlightPerClient: number;
  maxClients: number;
  clock: Pick<Clock, 'monotonicMs'>;
  metrics: ProxyMetrics;
}

/** Lets requests in: so many at once, and of each client so many a minute. */
export class Gate {
  inFlight = 0;
  private readonly inFlightOf = new HeadCount();
  private readonly limits: Readonly<Record<Quota, RateLimit | undefined>>;

  constructor(private readonly options: GateOptions) {
    const limit = (name: Quota) => {
      const { quotas, maxClients, clock } = options;
      return quotas[name] === 0 ? undefined : new RateLimit({ name, quota: quotas[name], maxClients, clock });
    };
    this.limits = {
      requests: limit('requests'),
      digests: limit('digests'),
      verifications: limit('verifications'),
    };
  }

  /** Lets a request in, or throws what to answer. Each that was let in has to {@link leave}. */
  enter(client: string): void {
    const { maxInFlight, maxInFlightPerClient, metrics } = this.options;
    if (this.inFlight >= maxInFlight) {
      metrics.refused('busy');
      throw overloaded('too many requests are being answered: come again in a moment');
    }
    if (!this.inFlightOf.enter(client, maxInFlightPerClient)) {
      metrics.refused('client_busy');
      throw rateLimited(`you have ${maxInFlightPerClient} requests under way: await their answers first`, 1);
    }
    this.inFlight++;
  }

  leave(client: string): void {
    this.inFlight--;
    this.inFlightOf.leave(client);
  }

  /** Lets in again what has left to be held: it was let in once, and is not turned away with its answer in hand. */
  enterAgain(client: string): void {
    this.inFlight++;
    this.inFlightOf.enter(client, Infinity);
  }

  /** Takes units out of a client's quota. `undefined`: there is no such limit. */
  take(quota: Quota, client: string, units: number): Verdict | undefined {
    const verdict = this.limits[quota]?.take(client, units);
    if (verdict?.ok === false) this.options.metrics.refused(quota);
    return verdict;
  }

  /** The values of `RateLimit-Policy` and `RateLimit` for one quota (draft-ietf-httpapi-ratelimit-headers). */
  headers(quota: Quota, verdict: Verdict): { policy: string; state: string } {
    const limit = this.limits[quota]!;
    return { policy: limit.policy, state: limit.header(verdict) };
  }

  refusal(quota: Quota, { seconds }: Verdict): ChronosError {
    const { quotas } = this.options;
    return rateLimited(
      `you have used up your ${quotas[quota]} ${quota} a minute: go on more slowly, or run a Chronos of your own`,
      seconds,
    );
  }
}

function rateLimited(message: string, seconds: number): ChronosError {
  // Spread out like all our Retry-After, for those behind one address.
  return new ChronosError('rate_limited', message, { retryAfterSeconds: seconds + Math.floor(Math.random() * 2) });
}
