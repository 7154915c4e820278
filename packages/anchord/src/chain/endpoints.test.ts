import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { ChronosError, JsonRpcError, quantity } from '@chronos/shared';
import { systemClock } from '../clock.js';
import { type EndedCall, Endpoints } from './endpoints.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A node of chain 7 that answers as told to everything else. */
function node(status: number, answer: object | string): RequestListener {
  return (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { id, method } = JSON.parse(body) as { id: number; method: string };
      if (method === 'eth_chainId') response.end(JSON.stringify({ jsonrpc: '2.0', id, result: '0x7' }));
      else if (typeof answer === 'string') response.writeHead(status).end(answer);
      else response.writeHead(status).end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });
  };
}

test.each<[EndedCall['outcome'], number, object | string]>([
  ['ok', 200, { result: '0x5' }],
  ['error', 200, { error: { code: 3, message: 'execution reverted' } }],
  ['node_failed', 200, { error: { code: -32603, message: 'internal error' } }],
  ['malformed', 200, '<html>'],
  ['malformed', 200, { result: 'five' }],
  ['http_error', 502, '<html>'],
  ['rate_limited', 429, ''],
])('each call is told with its outcome: %s', async (outcome, status, answer) => {
  const calls: EndedCall[] = [];
  const url = await listening(node(status, answer));
  const secretUrl = `${url.replace('//', '//user:password@')}/a-key-in-the-path`;
  const endpoints = new Endpoints({
    ...{ rpcUrls: [secretUrl], chain: 'eip155:7', timeoutMs: 5_000, clock: systemClock },
    onCall: (call) => calls.push(call),
  });
  const asking = endpoints.first((rpc) => rpc.call('eth_blockNumber', [], quantity));
  await asking.catch((error: unknown) => {
    expect(error instanceof ChronosError || error instanceof JsonRpcError).toBe(true);
  });
  const endpoint = `${url}/…`;
  expect(calls).toMatchObject([
    { chain: 'eip155:7', endpoint, outcome: 'ok' },
    { chain: 'eip155:7', endpoint, outcome },
  ]);
  for (const { seconds } of calls) expect(seconds).toBeGreaterThanOrEqual(0);
});

test('calls that nobody answers are told; those broken off by closing are not', async () => {
  const calls: EndedCall[] = [];
  const silent = await listening(() => undefined);
  const open = (timeoutMs: number) =>
    new Endpoints({
      ...{ rpcUrls: [silent], chain: 'eip155:7', timeoutMs, clock: systemClock },
      onCall: (call) => calls.push(call),
    });
  await expect(open(20).check()).rejects.toMatchObject({ code: 'chain_unreachable' });
  expect(calls).toMatchObject([{ outcome: 'no_answer' }]);
  const endpoints = open(60_000);
  const asking = endpoints.check();
  endpoints.close();
  await expect(asking).rejects.toMatchObject({ code: 'chain_unreachable' });
  expect(calls).toHaveLength(1);
});
