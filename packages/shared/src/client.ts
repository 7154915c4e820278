import type { z } from 'zod';
import {
  consistencyReplySchema,
  latestAnchorReplySchema,
  problemSchema,
  proofsReplySchema,
  statusReplySchema,
  submitReplySchema,
  timestampReplySchema,
  verifyReplySchema,
  windowReplySchema,
  windowsReplySchema,
} from './api.js';
import { ChronosError, isErrorCode } from './errors.js';
import { type Endpoint, exchange, type HttpAnswer, NoAnswer, parseEndpoint } from './http.js';
import { parseProof, type Proof } from './proof.js';

const JSON_BODY = { 'content-type': 'application/json' };

/** A proof as the service gives it: complete, or to be asked for again. */
export interface ProofReply {
  proof: Proof;
  complete: boolean;
  /** When to ask again; only while it is not complete. */
  retryAfterSeconds?: number;
}

export interface ClientOptions {
  /** Where the service answers, `https://chronos.example` for one. It may hold a user and password; they are never shown. */
  baseUrl: string;
  /** How long to wait for an answer, besides what the service was asked to wait; 30 s when not given. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/**
 * The REST API, typed. Every method throws `ChronosError`: the service's own code where it answered a problem, `service_unreachable` where it
 * gave no answer that can be read. Digests are 64 lower-case hex digits: what is submitted, so for a blinded digest the blinded form.
 */
export class ChronosClient {
  private readonly endpoint: Endpoint;

  constructor(private readonly options: ClientOptions) {
    this.endpoint = parseEndpoint(options.baseUrl);
  }

  /** Submits up to 10,000 digests. Submitting again is harmless and answers `exists`. */
  submit(digests: readonly string[]) {
    return this.request('POST', '/api/v1/timestamps', submitReplySchema, { digests });
  }

  /** How far a digest has come. Throws `unknown_digest`. */
  timestamp(digest: string) {
    return this.request('GET', `/api/v1/timestamps/${encodeURIComponent(digest)}`, timestampReplySchema);
  }

  /** The proof as it stands, held back up to `waitSeconds` (at most 60) until it is complete. Throws `unknown_digest`. */
  async proof(digest: string, { waitSeconds = 0 } = {}): Promise<ProofReply> {
    const query = waitSeconds > 0 ? `?wait=${waitSeconds}` : '';
    const path = `/api/v1/proofs/${encodeURIComponent(digest)}${query}`;
    const { body, answer } = await this.send('GET', path, undefined, waitSeconds * 1000);
    const proof = this.checked(() => parseProof(body));
    const retryAfter = retryAfterSeconds(answer.headers);
    return {
      proof,
      complete: answer.status === 200,
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    };
  }

  /** The proofs of up to 1,000 digests as they stand, in the order asked. */
  proofs(digests: readonly string[]) {
    return this.request('POST', '/api/v1/proofs', proofsReplySchema, { digests });
  }

  /** The service's own verdict, for convenience. To verify without trusting it, use `verifyProof`. */
  verify(digest: string, proof: Proof) {
    return this.request('POST', '/api/v1/verify', verifyReplySchema, { digest, proof });
  }

  /** A page of windows, the newest first: `limit` of them (at most 100), those with an id below `before`. */
  windows({ limit, before }: { limit?: number; before?: number } = {}) {
    const query = new URLSearchParams();
    if (limit !== undefined) query.set('limit', String(limit));
    if (before !== undefined) query.set('before', String(before));
    return this.request('GET', `/api/v1/windows${query.size === 0 ? '' : `?${query}`}`, windowsReplySchema);
  }

  /** The window that starts at `id`, in Unix seconds. Throws `unknown_window`. */
  window(id: number) {
    return this.request('GET', `/api/v1/windows/${id}`, windowReplySchema);
  }

  /** The last window whose anchors are final. Throws `no_anchor`. */
  latestAnchor() {
    return this.request('GET', '/api/v1/anchors/latest', latestAnchorReplySchema);
  }

  /** The proof that the log of `from` windows is a prefix of that of `to`; see `verifyConsistency`. Throws `unavailable_range`. */
  consistency(from: number, to: number) {
    return this.request('GET', `/api/v1/consistency?from=${from}&to=${to}`, consistencyReplySchema);
  }

  /** How the service is: the open window, the lag, the last final anchor, the chains. */
  status() {
    return this.request('GET', '/api/v1/status', statusReplySchema);
  }

  private async request<T>(method: string, path: string, schema: z.ZodType<T>, json?: unknown): Promise<T> {
    const { body } = await this.send(method, path, json);
    return this.checked(() => schema.parse(body));
  }

  private async send(method: string, path: string, json?: unknown, extraMs = 0) {
    const { url, headers } = this.endpoint;
    const { timeoutMs = 30_000, fetch } = this.options;
    let answer: HttpAnswer;
    try {
      answer = await exchange(
        url.replace(/\/+$/, '') + path,
        {
          method,
          headers: { ...headers, accept: 'application/json', ...(json === undefined ? {} : JSON_BODY) },
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        },
        { timeoutMs: timeoutMs + extraMs, fetch },
      );
    } catch (cause) {
      if (!(cause instanceof NoAnswer)) throw cause;
      throw this.unreachable(cause.message, cause);
    }
    const body = this.json(answer);
    if (!answer.ok) throw this.problem(answer, body);
    return { answer, body };
  }

  private json({ ok, status, text }: HttpAnswer): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw this.unreachable(`answered ${ok ? '' : `HTTP ${status} and `}something that is not JSON`, cause);
    }
  }

  private problem(answer: HttpAnswer, body: unknown): ChronosError {
    const problem = problemSchema.safeParse(body);
    if (!problem.success || !isErrorCode(problem.data.code)) return this.unreachable(`answered HTTP ${answer.status}`);
    const { code, detail, requestId, field, index } = problem.data;
    const retryAfter = retryAfterSeconds(answer.headers);
    return new ChronosError(code, detail, {
      requestId,
      ...(field === undefined ? {} : { field }),
      ...(index === undefined ? {} : { index }),
      ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    });
  }

  private checked<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw this.unreachable('answered something that this program does not understand', cause);
    }
  }

  private unreachable(what: string, cause?: unknown): ChronosError {
    return new ChronosError('service_unreachable', `the service at ${this.endpoint.shown} ${what}`, {}, cause);
  }
}

/** The seconds of a `Retry-After`; its other form, a date, is none of ours. */
function retryAfterSeconds(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  return text !== null && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
