import { randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type ChronosError, problemOf } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { Quota } from '../limits.js';
import type { ProxyMetrics } from '../metrics.js';
import { type ClientAddresses, clientKey, clientPrefix } from './client-address.js';
import type { Gate } from './gate.js';
import { publicError } from './problem.js';

/** What all exchanges of a proxy have in common. */
export interface Service {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly addresses: ClientAddresses;
  readonly gate: Gate;
  readonly metrics: ProxyMetrics;
  /** Which answers are logged; `errors`: those with a status of 500 and above. */
  readonly accessLog: 'none' | 'errors' | 'all';
  /** Set when the proxy is closing: connections end with the answer that is under way. */
  draining: boolean;
}

/** The client went away before its request was read: there is nobody to answer. */
export class ClientGone extends Error {}

const EXPOSED_HEADERS = 'retry-after, ratelimit, ratelimit-policy, etag, allow, x-request-id';
/** Of the ids that a trusted hop gives. */
const REQUEST_ID = /^[\w.:-]{8,80}$/;

const idPrefix = randomBytes(6).toString('base64url');
let idCounter = 0;

/** Unique across proxies and restarts by its prefix, cheap by its counter. */
export function newRequestId(): string {
  return `${idPrefix}-${(idCounter++).toString(36)}`;
}

/** One request and its answer. */
export class Exchange {
  /** Ids come from here or from a trusted hop, never from a client: it could make the log say what it likes. */
  readonly requestId: string;
  /** The path as the program knows it, with its parameters unfilled: for log and metrics. */
  route = 'none';
  /** Who asks: an address, or an IPv6 network. */
  readonly client: string;
  private readonly address: string;
  private readonly startedMs: number;
  private heldMs = 0;
  private bytes = 0;
  private isInside = false;
  private limitPolicy = '';
  private limitState = '';

  constructor(
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
    readonly service: Service,
  ) {
    const { addresses, clock } = service;
    this.startedMs = clock.monotonicMs();
    this.address = addresses.of(req);
    this.client = clientKey(this.address);
    const given = req.headers['x-request-id'];
    const isGiven =
      typeof given === 'string' && addresses.trusts(req.socket.remoteAddress ?? '') && REQUEST_ID.test(given);
    this.requestId = isGiven ? given : newRequestId();
    res.once('close', () => {
      this.end();
    });
  }

  /** Counts the request among those that are answered, and as one of its client's; or throws what to answer. */
  enter(): void {
    this.service.gate.enter(this.client);
    this.isInside = true;
    this.spend('requests', 1);
  }

  /** Takes units out of the client's quota, or throws `rate_limited`. What is left is told in the answer's headers. */
  spend(quota: Quota, units: number): void {
    const { gate } = this.service;
    const verdict = gate.take(quota, this.client, units);
    if (verdict === undefined) return;
    const { policy, state } = gate.headers(quota, verdict);
    this.limitPolicy = this.limitPolicy === '' ? policy : `${this.limitPolicy}, ${policy}`;
    this.limitState = this.limitState === '' ? state : `${this.limitState}, ${state}`;
    if (!verdict.ok) throw gate.refusal(quota, verdict);
  }

  /** Waits for something that may take a minute, and makes room for others meanwhile. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const { gate, clock } = this.service;
    const fromMs = clock.monotonicMs();
    this.leave();
    try {
      return await work();
    } finally {
      this.heldMs += clock.monotonicMs() - fromMs;
      if (!this.res.destroyed) {
        gate.enterAgain(this.client);
        this.isInside = true;
      }
    }
  }

  /** Answers. `headers` are those beyond the ones of every answer; a string `body` is ASCII, or bytes as latin1. */
  reply(status: number, headers: OutgoingHttpHeaders, body: string | Uint8Array): void {
    if (this.res.destroyed) return;
    // A length would be a fault where there is no body, and of a 304 a cache may take it for that of the body it has: RFC 9110 section 8.6.
    this.writeHead(status, headers, status === 204 || status === 304 ? undefined : body.length);
    this.res.end(body, 'latin1');
  }

  writeHead(status: number, headers: OutgoingHttpHeaders, contentLength?: number): void {
    const { res } = this;
    if (this.service.draining) res.shouldKeepAlive = false;
    headers['x-request-id'] = this.requestId;
    headers['access-control-allow-origin'] = '*';
    headers['access-control-expose-headers'] = EXPOSED_HEADERS;
    headers['x-content-type-options'] = 'nosniff';
    // An answer that others may be given as well does not tell how one of them stands.
    if (this.limitState !== '' && headers['cache-control']?.toString().startsWith('public') !== true) {
      headers['ratelimit-policy'] = this.limitPolicy;
      headers['ratelimit'] = this.limitState;
    }
    if (contentLength !== undefined) headers['content-length'] = this.bytes = contentLength;
    res.writeHead(status, headers);
  }

  /** Answers a body that is there in slices, without putting them together. */
  replySlices(status: number, headers: OutgoingHttpHeaders, slices: readonly Uint8Array[]): void {
    const { res } = this;
    if (res.destroyed) return;
    this.writeHead(
      status,
      headers,
      slices.reduce((sum, { length }) => sum + length, 0),
    );
    res.cork();
    for (const slice of slices) res.write(slice);
    res.end(); // which uncorks
  }

  /** Answers JSON that changes, so that nobody keeps it. */
  json(status: number, json: string): void {
    const body = Buffer.from(json);
    this.reply(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }, body);
  }

  /** Answers an error. */
  fail(cause: unknown): void {
    const { req, res, requestId } = this;
    if (cause instanceof ClientGone || res.destroyed) return;
    const error = publicError(cause);
    if (error.code === 'internal_error') this.service.logger.error({ requestId, err: cause }, 'request failed');
    if (res.headersSent) {
      res.destroy(); // half an answer must not pass for a whole one
      return;
    }
    const { headers, body } = this.problem(error);
    const isAsking = req.headers.expect !== undefined; // for leave to send the body, which it does not get
    if (error.code === 'request_too_large' && !req.complete && !isAsking) {
      this.replyWhileReceiving(error.status, headers, body);
      return;
    }
    if (!req.complete && isAsking) res.shouldKeepAlive = false;
    this.reply(error.status, headers, body);
  }

  /**
   * Answers a client that is still sending. Closing at once would reset the connection, and the client might lose the answer with it: so the
   * whole answer goes out, what still comes is thrown away, and the connection ends with the body, or when the time for
   * receiving a request is up.
   */
  private replyWhileReceiving(status: number, headers: OutgoingHttpHeaders, body: Buffer): void {
    const { req, res } = this;
    res.shouldKeepAlive = false;
    this.writeHead(status, headers, body.length);
    res.write(body);
    req.once('end', () => res.end());
    req.once('error', () => res.destroy());
    req.resume();
  }

  private leave(): void {
    if (!this.isInside) return;
    this.isInside = false;
    this.service.gate.leave(this.client);
  }

  private end(): void {
    const { req, res, service, route, requestId } = this;
    this.leave();
    const ms = service.clock.monotonicMs() - this.startedMs - this.heldMs;
    const status = res.headersSent ? res.statusCode : 0; // 0: the client went away before there was an answer
    service.metrics.answered(route, status, ms);
    if (service.accessLog === 'none' || (service.accessLog === 'errors' && status < 500)) return;
    const times = { ms: Math.round(ms * 10) / 10, heldMs: Math.round(this.heldMs) };
    const client = clientPrefix(this.address);
    // The route in place of path and query, for these hold digests.
    service.logger.info(
      {
        requestId,
        client,
        method: req.method,
        route,
        status,
        ...times,
        bytes: this.bytes,
        complete: res.writableFinished,
      },
      'request',
    );
  }

  private problem(error: ChronosError): { headers: OutgoingHttpHeaders; body: Buffer } {
    const { allow, retryAfterSeconds } = error.details;
    const headers: OutgoingHttpHeaders = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
    if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
    if (typeof allow === 'string') headers['allow'] = allow;
    return { headers, body: Buffer.from(JSON.stringify(problemOf(error, this.requestId))) };
  }
}
