import { z } from 'zod';
import { ChronosError, type ErrorDetails } from './errors.js';
import { type Endpoint, exchange, type HttpAnswer, NoAnswer, parseEndpoint } from './http.js';

/** A chain's node answered a JSON-RPC error: a clear answer, unlike `chain_unreachable`. */
export class JsonRpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = 'JsonRpcError';
  }
}

const responseSchema = z.looseObject({
  id: z.union([z.int(), z.string(), z.null()]),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.int(), message: z.string(), data: z.unknown().optional() }).nullish(),
});

/** Why a call got no answer that says anything: a few words, to count by. In the details of `chain_unreachable`, as `fault`. */
export type NoAnswerFault = 'no_answer' | 'http_error' | 'rate_limited' | 'malformed' | 'node_failed';

/** Of an error that says nothing of what was asked, as the node limits us or failed inside: which of the two. */
function saysNothing(code: number, message: string): NoAnswerFault | undefined {
  if (/rate.?limit|too many requests/i.test(message) || code === -32005) return 'rate_limited';
  return /timed? ?out|internal error/i.test(message) || code === -32603 ? 'node_failed' : undefined;
}

/**
 * JSON-RPC 2.0 over HTTP, for one endpoint. A clear answer is a result or a {@link JsonRpcError}; time-outs, HTTP faults, HTML, rate limits
 * and other half answers are `chain_unreachable`: unknown, never "no". Source: https://www.jsonrpc.org/specification.
 */
export class JsonRpcClient {
  /** The endpoint without user, password, path and query, as it may be shown. */
  readonly endpoint: string;
  private readonly address: Endpoint;
  private nextId = 1;

  /** `url` may hold a user and password; they are sent as basic authorization and never shown. `timeoutMs` is 10 s when not given. */
  constructor(
    url: string,
    private readonly options: { timeoutMs?: number; fetch?: typeof fetch } = {},
  ) {
    this.address = parseEndpoint(url);
    this.endpoint = this.address.shown;
  }

  /** The call's result, checked by `schema`. Throws {@link JsonRpcError} or `chain_unreachable`. */
  async call<T>(method: string, params: unknown[], schema: z.ZodType<T>): Promise<T> {
    const id = this.nextId++;
    const response = await this.post(method, JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const parsed = responseSchema.safeParse(response);
    if (!parsed.success) throw this.unreachable('malformed', `${method}: the answer is no JSON-RPC`);
    const { result } = parsed.data;
    const error = this.withoutSecrets(parsed.data.error);
    // A node that could not read the id answers null, and then only an error.
    const isOurs = parsed.data.id === id || (parsed.data.id === null && error != null);
    if (!isOurs) throw this.unreachable('malformed', `${method}: the answer is to another call`);
    if (error != null) {
      const fault = saysNothing(error.code, error.message);
      if (fault !== undefined) throw this.unreachable(fault, `${method}: ${error.message} (${error.code})`);
      throw new JsonRpcError(error.code, error.message, error.data);
    }
    const value = schema.safeParse(result);
    if (!value.success) throw this.unreachable('malformed', `${method}: the answer has an unexpected shape`);
    return value.data;
  }

  private withoutSecrets<E extends { message: string; data?: unknown }>(error: E | null | undefined): E | undefined {
    if (error == null) return undefined;
    const data =
      error.data === undefined ? undefined : (JSON.parse(this.address.hide(JSON.stringify(error.data))) as unknown);
    return { ...error, message: this.address.hide(error.message), data };
  }

  private async post(method: string, body: string): Promise<unknown> {
    const { status, ok, text, headers } = await this.exchange(method, body);
    const wait = retryAfter(headers);
    if (status === 429) throw this.unreachable('rate_limited', `${method}: HTTP 429, rate limited`, wait);
    // Some nodes answer an error with a status of 400 or 500 and a proper JSON-RPC body; only the body makes it an answer.
    if (!ok && !text.trimStart().startsWith('{'))
      throw this.unreachable('http_error', `${method}: HTTP ${status}`, wait);
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw this.unreachable('malformed', `${method}: the answer is not JSON`, {}, cause);
    }
  }

  private async exchange(method: string, body: string): Promise<HttpAnswer> {
    const { url, headers } = this.address;
    const { timeoutMs = 10_000, fetch } = this.options;
    const request = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    try {
      return await exchange(url, request, { timeoutMs, fetch });
    } catch (cause) {
      if (!(cause instanceof NoAnswer)) throw cause;
      throw this.unreachable('no_answer', `${method}: the endpoint ${cause.message}`, {}, cause);
    }
  }

  private unreachable(fault: NoAnswerFault, why: string, details: ErrorDetails = {}, cause?: unknown): ChronosError {
    return new ChronosError('chain_unreachable', why, { endpoint: this.endpoint, fault, ...details }, cause);
  }
}

/** How long the endpoint wants to be left alone. Some write a date there, which is not read. */
function retryAfter(headers: Headers): ErrorDetails {
  const seconds = headers.get('retry-after');
  return seconds !== null && /^[0-9]{1,6}$/.test(seconds) ? { retryAfterSeconds: Number(seconds) } : {};
}
