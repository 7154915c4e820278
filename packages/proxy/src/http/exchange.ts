import { randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type ChronosError, problemOf } from '@chronos/shared';
import type { Logger } from '../logger.js';
import { publicError } from './problem.js';

/** What all exchanges of a proxy have in common. */
export interface Service {
  readonly logger: Logger;
  /** Whether each answer is logged: at level debug only, for it costs. */
  readonly logsAccess: boolean;
  /** Set when the proxy is closing: connections end with the answer that is under way. */
  draining: boolean;
}

/** The client went away before its request was read: there is nobody to answer. */
export class ClientGone extends Error {}

const EXPOSED_HEADERS = 'retry-after, etag, allow, x-request-id';

const idPrefix = randomBytes(6).toString('base64url');
let idCounter = 0;

/** Unique across proxies and restarts by its prefix, cheap by its counter. Ids that come with a request are not trusted. */
export function newRequestId(): string {
  return `${idPrefix}-${(idCounter++).toString(36)}`;
}

/** One request and its answer. */
export class Exchange {
  readonly requestId = newRequestId();

  constructor(
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
    readonly service: Service,
  ) {
    if (service.logsAccess) this.logWhenOver();
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
    if (contentLength !== undefined) headers['content-length'] = contentLength;
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

  private logWhenOver(): void {
    const { req, res, requestId, service } = this;
    const { method, originalUrl = req.url } = req as IncomingMessage & { originalUrl?: string };
    res.once('close', () => {
      const complete = res.writableFinished;
      service.logger.debug({ requestId, method, url: originalUrl, status: res.statusCode, complete }, 'request');
    });
  }

  private problem(error: ChronosError): { headers: OutgoingHttpHeaders; body: Buffer } {
    const { allow, retryAfterSeconds } = error.details;
    const headers: OutgoingHttpHeaders = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
    if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
    if (typeof allow === 'string') headers['allow'] = allow;
    return { headers, body: Buffer.from(JSON.stringify(problemOf(error, this.requestId))) };
  }
}
