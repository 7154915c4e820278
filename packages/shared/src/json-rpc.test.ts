import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ChronosError } from './errors.js';
import { HTML, html, json, LocalServer } from './fixtures/server.js';
import { MAX_ANSWER_BYTES } from './http.js';
import { JsonRpcClient, JsonRpcError } from './json-rpc.js';

const server = new LocalServer();
beforeAll(() => server.start());
afterAll(() => server.close());
beforeEach(() => void server.seen.splice(0));

const idOf = (body: string) => (JSON.parse(body) as { id: number }).id;

/** Answers every call with `body`, its id added. */
function answer(body: Record<string, unknown>, status = 200) {
  server.handler = (request, response) => json(response, { jsonrpc: '2.0', id: idOf(request.body), ...body }, status);
}

function call<T>(schema: z.ZodType<T> = z.string() as never, timeoutMs = 5_000): Promise<T> {
  return new JsonRpcClient(server.url, { timeoutMs }).call('eth_chainId', ['x'], schema);
}

async function refusal(timeoutMs?: number): Promise<ChronosError> {
  const error = await call(undefined, timeoutMs).then(
    () => new Error('it was answered'),
    (cause: unknown) => cause,
  );
  if (error instanceof ChronosError) return error;
  throw error;
}

describe('a clear answer', () => {
  test('is a result of the expected shape', async () => {
    answer({ result: '0x8001' });
    expect(await call()).toBe('0x8001');
    expect(JSON.parse(server.seen[0]!.body)).toEqual({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: ['x'] });
    expect(server.seen[0]!.headers['content-type']).toBe('application/json');
  });

  test('may be null where the schema allows it', async () => {
    answer({ result: null, error: null });
    expect(await call(z.string().nullable())).toBeNull();
  });

  test.each([200, 400, 500])('is a JSON-RPC error, with HTTP %i too', async (status) => {
    answer({ error: { code: -32602, message: 'invalid params', data: '0x' } }, status);
    const error = await call().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(JsonRpcError);
    expect(error).toMatchObject({ code: -32602, message: 'invalid params', data: '0x' });
  });

  test('is an error with the id null, as a node answers what it could not read', async () => {
    answer({ id: null, error: { code: -32700, message: 'parse error' } }, 400);
    await expect(call()).rejects.toBeInstanceOf(JsonRpcError);
  });

  test('numbers its calls', async () => {
    answer({ result: 'x' });
    const client = new JsonRpcClient(server.url);
    await client.call('a', [], z.string());
    await client.call('b', [], z.string());
    expect(server.seen.map(({ body }) => idOf(body))).toEqual([1, 2]);
  });
});

describe('chain_unreachable is', () => {
  test.each([200, 502, 503])('a page of HTML, with HTTP %i', async (status) => {
    server.handler = (_, response) => html(response, status);
    const message = status === 200 ? 'eth_chainId: the answer is not JSON' : `eth_chainId: HTTP ${status}`;
    expect(await refusal()).toMatchObject({ code: 'chain_unreachable', message });
  });

  test.each([
    [-32000, 'RPC_RATE_LIMIT'],
    [-32005, 'limit exceeded'],
    [-32603, 'something'],
    [-32000, 'Internal error'],
    [-32000, 'Too many requests, slow down'],
    [-32000, 'request timed out'],
  ])('an error that says nothing of what was asked: %i %s', async (code, message) => {
    answer({ error: { code, message } });
    expect(await refusal()).toMatchObject({ code: 'chain_unreachable', message: `eth_chainId: ${message} (${code})` });
  });

  test('HTTP 429, whatever its body', async () => {
    answer({ result: '0x8001' }, 429);
    expect((await refusal()).message).toBe('eth_chainId: HTTP 429, rate limited');
    server.handler = (_, response) => html(response, 429);
    expect((await refusal()).message).toBe('eth_chainId: HTTP 429, rate limited');
  });

  test.each<[string, Record<string, unknown>]>([
    ['a result for another call', { id: 7, result: '0x1' }],
    ['an error for another call', { id: 7, error: { code: -32000, message: 'no' } }],
    ['a result without an id', { id: null, result: '0x1' }],
    ['a result of another shape', { result: 5 }],
    ['neither result nor error', {}],
    ['an error of another shape', { error: 'no' }],
  ])('%s', async (_, body) => {
    answer(body);
    expect((await refusal()).code).toBe('chain_unreachable');
  });

  test.each(['[]', '"x"', 'null', '', '{"jsonrpc":'])('the body %j', async (body) => {
    server.handler = (_, response) => response.end(body);
    expect((await refusal()).code).toBe('chain_unreachable');
  });

  test('silence', async () => {
    server.handler = () => undefined;
    expect((await refusal(50)).message).toBe('eth_chainId: the endpoint gave no answer within 50 ms');
  });

  test('an answer that starts and never ends', async () => {
    server.handler = (_, response) => response.writeHead(200).write('{"jsonrpc":"2.0",');
    expect((await refusal(50)).message).toBe('eth_chainId: the endpoint gave no answer within 50 ms');
  });

  test('an answer cut short', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"jsonrpc":"2.0",', () => response.destroy());
    };
    expect((await refusal()).message).toMatch(/^eth_chainId: the endpoint broke its answer off/);
  });

  test('an answer without end', async () => {
    server.handler = (_, response) => response.writeHead(200).end(Buffer.alloc(MAX_ANSWER_BYTES + 1, ' '));
    expect((await refusal()).message).toBe('eth_chainId: the endpoint answered more than 8 MiB');
  });

  test('nobody there', async () => {
    const gone = await new LocalServer().start();
    const { url } = gone;
    await gone.close();
    const client = new JsonRpcClient(url);
    await expect(client.call('eth_chainId', [], z.string())).rejects.toMatchObject({
      code: 'chain_unreachable',
      message: 'eth_chainId: the endpoint cannot be reached (ECONNREFUSED)',
    });
  });
});

describe('a password in the URL', () => {
  const secret = 'S%C3%A9cret%2B1'; // Sécret+1

  test('is sent as basic authorization and not in the URL', async () => {
    answer({ result: 'x' });
    await new JsonRpcClient(`http://us%40er:${secret}@${server.host}/key?k=1`).call('a', [], z.string());
    const { headers, url } = server.seen[0]!;
    expect(url).toBe('/key?k=1');
    expect(headers.authorization).toBe(`Basic ${Buffer.from('us@er:Sécret+1').toString('base64')}`);
  });

  test('is in no message, detail or cause, and neither are the path and query', async () => {
    server.handler = (_, response) => response.writeHead(500).end(HTML);
    const client = new JsonRpcClient(`http://user:${secret}@${server.host}/apikey?token=hidden`);
    expect(client.endpoint).toBe(`${server.url}/…`);
    const error = await client.call('a', [], z.string()).catch((cause: unknown) => cause as ChronosError);
    const all = JSON.stringify(error, ['message', 'details', 'endpoint', 'cause', 'stack']) + (error as Error).message;
    for (const word of ['cret', secret, 'apikey', 'hidden']) expect(all).not.toContain(word);
  });

  test('is taken out of what the node repeats, with the keys in path and query', async () => {
    const basic = Buffer.from('user:Sécret+1').toString('base64');
    const told = `no access for Sécret+1 (Basic ${basic}) with /apikey-1?token=hidden-2, project apikey-1, token hidden-2`;
    const url = `http://user:${secret}@${server.host}/apikey-1?token=hidden-2`;
    for (const code of [-32000, -32603]) {
      answer({ error: { code, message: told, data: { told } } });
      const error = (await new JsonRpcClient(url).call('a', [], z.string()).catch((cause: unknown) => cause)) as Error;
      const all = JSON.stringify(error) + error.message;
      expect(all).toContain('no access for …');
      for (const word of ['cret+1', basic, 'apikey-1', 'hidden-2']) expect(all).not.toContain(word);
    }
  });

  test('is not repeated where the URL is none', () => {
    for (const url of ['htp://user:Secret1@x', 'user:Secret1@x', 'http://user:Secret1@', 'file:///etc/passwd']) {
      const build = () => new JsonRpcClient(url);
      expect(build).toThrow('an endpoint is not a URL that starts with http:// or https://');
    }
  });

  test('may hold a percent sign that escapes nothing', async () => {
    answer({ result: 'x' });
    await new JsonRpcClient(`http://user:100%@${server.host}`).call('a', [], z.string());
    expect(server.seen[0]!.headers.authorization).toBe(`Basic ${Buffer.from('user:100%').toString('base64')}`);
  });
});

test('an endpoint without a path is shown by its origin', () => {
  expect(new JsonRpcClient('https://api.zilliqa.com').endpoint).toBe('https://api.zilliqa.com');
});
