import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Quota } from './limits.js';
import { VERSION } from './version.js';

/** Calls to anchord. */
export type CallName = 'submit' | 'proofs' | 'wait' | 'pass_on' | 'ready';
export type CallOutcome = 'ok' | 'refused' | 'unreachable' | 'unauthorized';

/** Why a request was turned away before its handler saw it, or while it ran: a quota, or too many at once. */
export type Refusal = Quota | 'busy' | 'client_busy';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const DIGESTS = [1, 10, 100, 1_000, 10_000, 100_000];

/** What is read when the metrics are asked for. */
export interface Levels {
  inFlight: () => number;
  waiting: () => number;
  cacheBytes: () => number;
}

/** The metrics of a proxy. Labels have few values, none of which a client chooses. */
export class ProxyMetrics {
  readonly registry = new Registry();
  private readonly requests = this.counter('requests_total', 'Requests answered.', ['route', 'status']);
  private readonly requestSeconds = this.histogram(
    'request_seconds',
    'From a request to its answer, without the time held by ?wait=.',
    SECONDS,
    'route',
  );
  private readonly refusals = this.counter('refused_requests_total', 'Requests refused with 429 or 503 by a limit.', [
    'reason',
  ]);
  private readonly refusedSockets = this.counter('refused_connections_total', 'Connections closed at once.', [
    'reason',
  ]);
  private readonly faults = this.counter('malformed_requests_total', 'What came and was no HTTP, or not in time.', [
    'code',
  ]);
  private readonly calls = this.counter('anchord_calls_total', 'Calls to anchord.', ['call', 'outcome']);
  private readonly callSeconds = this.histogram(
    'anchord_call_seconds',
    'How long calls to anchord took.',
    SECONDS,
    'call',
  );
  private readonly callDigests = this.histogram(
    'anchord_call_digests',
    'Digests that travelled in one call.',
    DIGESTS,
    'call',
  );
  private readonly proofs = this.counter('proofs_total', 'Proofs looked up, by where they were found.', ['source']);

  constructor() {
    const { registry } = this;
    collectDefaultMetrics({ register: registry });
    const info = { name: 'chronos_proxy_info', help: 'The version that runs.', labelNames: ['version'] };
    new Gauge({ ...info, registers: [registry] }).set({ version: VERSION }, 1);
  }

  /** Names where the levels are read. */
  watch({ inFlight, waiting, cacheBytes }: Levels): void {
    this.gauge('requests_in_flight', 'Requests being answered, without those held by ?wait=.', inFlight);
    this.gauge('waiting_clients', 'Requests held by ?wait=.', waiting);
    this.gauge('proof_cache_bytes', 'Memory of the cache of complete proofs.', cacheBytes);
  }

  /** `route` is a path of the program's, with its parameters unfilled; `status` 0 stands for none. */
  answered(route: string, status: number, ms: number): void {
    this.requests.inc({ route, status: status === 0 ? 'none' : `${Math.floor(status / 100)}xx` });
    this.requestSeconds.observe({ route }, ms / 1000);
  }

  refused(reason: Refusal): void {
    this.refusals.inc({ reason });
  }

  refusedConnection(reason: 'client' | 'all'): void {
    this.refusedSockets.inc({ reason });
  }

  malformed(code: string): void {
    this.faults.inc({ code });
  }

  called(call: CallName, outcome: CallOutcome, ms: number, digests?: number): void {
    this.calls.inc({ call, outcome });
    this.callSeconds.observe({ call }, ms / 1000);
    if (digests !== undefined) this.callDigests.observe({ call }, digests);
  }

  found(source: 'cache' | 'anchord', proofs: number): void {
    this.proofs.inc({ source }, proofs);
  }

  private counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name: `chronos_proxy_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram(name: string, help: string, buckets: number[], label: string): Histogram {
    const registers = [this.registry];
    return new Histogram({ name: `chronos_proxy_${name}`, help, buckets, labelNames: [label], registers });
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `chronos_proxy_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
