import { z } from 'zod';
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
import { parseProof, type Proof } from './proof.js';

/** A proof as the service gives it: complete, or to be asked for again. */
export interface ProofReply {
  proof: Proof;
  complete: boolean;
  /** When to ask again; only while it is not complete. */
  retryAfterSeconds?: number;
}

export interface ClientOptions {
  /** Where the service answers, `https://chronos.example` for one. */
  baseUrl: string;
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/**
 * The REST API, typed. Every method throws `ChronosError`: the service's own code where it answered a problem, `service_unreachable` where it
 * gave no answer that can be read. Digests are 64 lower-case hex digits: what is submitted, so for a blinded digest the blinded form.
 */
export class ChronosClient {
  private readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    this.options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, '') };
  }

  /** Submits up to 10,000 digests. Submitting again is harmless and answers `exists`. */
  submit(digests: readonly string[]) {
    return this.request('POST', '/api/v1/timestamps', submitReplySchema, { digests });
  }

  timestamp(digest: string) {
    return this.request('GET', `/api/v1/timestamps/${digest}`, timestampReplySchema);
  }

  /** The proof as it stands, held back up to `waitSeconds` (at most 60) until it is complete. */
  async proof(digest: string, { waitSeconds = 0 } = {}): Promise<ProofReply> {
    const query = waitSeconds > 0 ? `?wait=${waitSeconds}` : '';
    const { body, response } = await this.send(
      'GET',
      `/api/v1/proofs/${digest}${query}`,
      undefined,
      waitSeconds * 1000,
    );
    const proof = this.checked(() => parseProof(body));
    const retryAfter = retryAfterSeconds(response);
    return {
      proof,
      complete: response.status === 200,
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

  windows({ limit, before }: { limit?: number; before?: number } = {}) {
    const query = new URLSearchParams();
    if (limit !== undefined) query.set('limit', String(limit));
    if (before !== undefined) query.set('before', String(before));
    return this.request('GET', `/api/v1/windows?${query}`, windowsReplySchema);
  }

  window(id: number) {
    return this.request('GET', `/api/v1/windows/${id}`, windowReplySchema);
  }

  latestAnchor() {
    return this.request('GET', '/api/v1/anchors/latest', latestAnchorReplySchema);
  }

  /** The proof that the log of `from` windows is a prefix of that of `to`; see `verifyConsistency`. */
  consistency(from: number, to: number) {
    return this.request('GET', `/api/v1/consistency?from=${from}&to=${to}`, consistencyReplySchema);
  }

  status() {
    return this.request('GET', '/api/v1/status', statusReplySchema);
  }

  private async request<T>(method: string, path: string, schema: z.ZodType<T>, json?: unknown): Promise<T> {
    const { body } = await this.send(method, path, json);
    return this.checked(() => schema.parse(body));
  }

  private async send(
    method: string,
    path: string,
    json?: unknown,
    extraMs = 0,
  ): Promise<{ response: Response; body: unknown }> {
    const { baseUrl, timeoutMs = 30_000, fetch: request = fetch } = this.options;
    let response: Response;
    let body: unknown;
    try {
      response = await request(baseUrl + path, {
        method,
        headers: { accept: 'application/json', ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        signal: AbortSignal.timeout(timeoutMs + extraMs),
      });
      body = await response.json();
    } catch (cause) {
      throw this.unreachable(
        cause instanceof SyntaxError ? 'answered something that is not JSON' : 'gave no answer',
        cause,
      );
    }
    if (!response.ok) throw this.problem(response, body);
    return { response, body };
  }

  private problem(response: Response, body: unknown): ChronosError {
    const problem = problemSchema.safeParse(body);
    if (!problem.success || !isErrorCode(problem.data.code))
      return this.unreachable(`answered HTTP ${response.status}`);
    const { code, detail, requestId, field, index } = problem.data;
    const retryAfter = retryAfterSeconds(response);
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
    return new ChronosError('service_unreachable', `the service at ${this.options.baseUrl} ${what}`, {}, cause);
  }
}

function retryAfterSeconds(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
