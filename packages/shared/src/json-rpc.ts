import { z } from 'zod';
import { ChronosError } from './errors.js';

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

/** Errors that say nothing of what was asked: the node limits us, or failed inside. */
function saysNothing(code: number, message: string): boolean {
  return (
    /rate.?limit|too many requests|timed? ?out|internal error/i.test(message) || code === -32603 || code === -32005
  );
}

/**
 * JSON-RPC 2.0 over HTTP, for one endpoint. A clear answer is a result or a {@link JsonRpcError}; time-outs, HTTP faults, HTML, rate limits
 * and other half answers are `chain_unreachable`: unknown, never "no".
 */
export class JsonRpcClient {
  /** The endpoint without user, password and query, as it may be shown. */
  readonly endpoint: string;
  private readonly url: string;
  private readonly headers: Record<string, string> = { 'content-type': 'application/json' };
  private nextId = 1;

  constructor(
    url: string,
    private readonly options: { timeoutMs?: number; fetch?: typeof fetch } = {},
  ) {
    const parsed = new URL(url);
    if (parsed.username !== '' || parsed.password !== '') {
      this.headers['authorization'] =
        `Basic ${btoa(`${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`)}`;
      parsed.username = '';
      parsed.password = '';
    }
    this.url = parsed.href;
    this.endpoint = parsed.pathname === '/' ? parsed.origin : `${parsed.origin}/…`;
  }

  /** The call's result, checked by `schema`. Throws {@link JsonRpcError} or `chain_unreachable`. */
  async call<T>(method: string, params: unknown[], schema: z.ZodType<T>): Promise<T> {
    const id = this.nextId++;
    const response = await this.post(method, JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const parsed = responseSchema.safeParse(response);
    if (!parsed.success) throw this.unreachable(`${method}: the answer is no JSON-RPC`);
    const { error, result } = parsed.data;
    if (error !== undefined && error !== null) {
      if (saysNothing(error.code, error.message)) throw this.unreachable(`${method}: ${error.message} (${error.code})`);
      throw new JsonRpcError(error.code, error.message, error.data);
    }
    if (parsed.data.id !== id) throw this.unreachable(`${method}: the answer is to another call`);
    const value = schema.safeParse(result);
    if (!value.success) throw this.unreachable(`${method}: the answer has an unexpected shape`);
    return value.data;
  }

  private async post(method: string, body: string): Promise<unknown> {
    const timeoutMs = this.options.timeoutMs ?? 10_000;
    const request = this.options.fetch ?? fetch;
    try {
      const response = await request(this.url, {
        method: 'POST',
        headers: this.headers,
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      // Some nodes answer an error with a status of 400 or 500 and a proper JSON-RPC body; only the body makes it an answer.
      if (!response.ok && !text.trimStart().startsWith('{'))
        throw this.unreachable(`${method}: HTTP ${response.status}`);
      if (response.status === 429) throw this.unreachable(`${method}: HTTP 429, rate limited`);
      return JSON.parse(text) as unknown;
    } catch (cause) {
      if (cause instanceof ChronosError) throw cause;
      throw this.unreachable(`${method}: ${describe(cause, timeoutMs)}`, cause);
    }
  }

  private unreachable(why: string, cause?: unknown): ChronosError {
    return new ChronosError('chain_unreachable', why, { endpoint: this.endpoint }, cause);
  }
}

function describe(cause: unknown, timeoutMs: number): string {
  if (!(cause instanceof Error)) return 'failed';
  if (cause.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  if (cause instanceof SyntaxError) return 'the answer is not JSON';
  const code = (cause.cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? `cannot connect (${code})` : 'cannot connect';
}
