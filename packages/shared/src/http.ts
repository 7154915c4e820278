import { ChronosError } from './errors.js';

/** The most bytes that are read of an answer: an endpoint is not trusted to end it. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** An address over HTTP, its password kept apart, for `fetch` takes none in a URL and people must be shown none. */
export interface Endpoint {
  /** Without user and password. */
  url: string;
  /** What may be shown: only the origin, as paths and queries hold keys. */
  shown: string;
  headers: Record<string, string>;
  /** Takes the user, the password and the keys of the address out of a text that came from there: some nodes repeat what they were sent. */
  hide(text: string): string;
}

/** Throws `invalid_settings` where `address` is no http(s) URL; the message does not repeat it, as it may hold a password. */
export function parseEndpoint(address: string): Endpoint {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ChronosError('invalid_settings', 'an endpoint is not a URL that starts with http:// or https://');
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const headers: Record<string, string> =
    username === '' && password === '' ? {} : { authorization: basicAuth(username, password) };
  const secrets = secretsOf(url, username, password, headers['authorization']?.slice('Basic '.length));
  return {
    url: url.href,
    shown: url.pathname === '/' ? url.origin : `${url.origin}/…`,
    headers,
    hide: (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text),
  };
}

/** What may be a key. What is short is left: it would be found in words that have nothing to do with it. The longest come first, as one may hold another. */
function secretsOf({ pathname, search, searchParams }: URL, ...credentials: (string | undefined)[]): string[] {
  const texts = [pathname, search, ...pathname.split('/'), ...searchParams.values(), ...credentials];
  const secrets = texts.flatMap((text) => (text === undefined ? [] : [text, decodePercent(text)]));
  return [...new Set(secrets)].filter(({ length }) => length >= 6).sort((a, b) => b.length - a.length);
}

function basicAuth(username: string, password: string): string {
  const utf8 = new TextEncoder().encode(`${decodePercent(username)}:${decodePercent(password)}`);
  return `Basic ${btoa(String.fromCharCode(...utf8))}`;
}

function decodePercent(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (escaped) => {
    const bytes = escaped
      .slice(1)
      .split('%')
      .map((pair) => parseInt(pair, 16));
    return new TextDecoder().decode(Uint8Array.from(bytes));
  });
}

/** An answer over HTTP, read to its end. */
export interface HttpAnswer {
  status: number;
  ok: boolean;
  headers: Headers;
  text: string;
}

/** No answer, or not a whole one; `message` is the end of a sentence about the endpoint, and names no address. */
export class NoAnswer extends Error {}

/** Sends one request and reads the answer, up to {@link MAX_ANSWER_BYTES}. Throws {@link NoAnswer}. */
export async function exchange(
  url: string,
  request: { method: string; headers: Record<string, string>; body?: string },
  { timeoutMs, fetch: send = fetch }: { timeoutMs: number; fetch?: typeof fetch | undefined },
): Promise<HttpAnswer> {
  let response: Response | undefined;
  // Not AbortSignal.timeout: joined to another signal by `send`, as ours do, Node 20 may collect it before it fires.
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(new DOMException('the time is up', 'TimeoutError'));
  }, timeoutMs);
  try {
    response = await send(url, { ...request, signal: deadline.signal });
    const { status, ok, headers } = response;
    return { status, ok, headers, text: await readText(response) };
  } catch (cause) {
    if (cause instanceof NoAnswer) throw cause;
    throw new NoAnswer(describe(cause, timeoutMs, response !== undefined), { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MAX_ANSWER_BYTES) {
      await reader.cancel();
      throw new NoAnswer(`answered more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

// By name, not by class: what fetch throws may come from another realm.
function describe(cause: unknown, timeoutMs: number, answering: boolean): string {
  const { name, cause: inner } = cause as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `gave no answer within ${timeoutMs} ms`;
  const code = typeof inner?.code === 'string' ? ` (${inner.code})` : '';
  return answering ? `broke its answer off${code}` : `cannot be reached${code}`;
}
