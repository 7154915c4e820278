import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Config } from './config.js';
import type { Limits } from './limits.js';
import { gate, problemIn, randomDigest, TestProxy } from './test-support/test-proxy.js';

// What a proxy that stands in public without a balancer before it does against a client that wants too much.

const NO_QUOTAS = { requests: 0, digests: 0, verifications: 0 };
let proxy: TestProxy;
const start = async (settings: Partial<Config>, limits: Partial<Limits> = {}) => {
  proxy = await TestProxy.start(settings, limits, { nowMs: () => 1_795_171_560_000, monotonicMs: () => 0 });
};
afterEach(() => proxy.close());

/** What the answer says of quotas: [policy, state]. */
const quotasIn = ({ headers }: { headers: Record<string, unknown> }) => [
  headers['ratelimit-policy'],
  headers['ratelimit'],
];
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

describe('a client', () => {
  test('is told how its quota stands, and gets 429 with Retry-After when it is used up', async () => {
    await start({ quotas: { ...NO_QUOTAS, requests: 2 } });
    expect(quotasIn(await proxy.get('/api/v1/windows'))).toEqual(['"requests";q=2;w=60', '"requests";r=1;t=30']);
    await proxy.get('/nowhere');
    for (const path of ['/api/v1/windows', `/api/v1/proofs/${randomDigest()}`]) {
      const answer = await proxy.get(path);
      expect(problemIn(answer)).toMatchObject({ status: 429, code: 'rate_limited' });
      expect(['30', '31']).toContain(answer.headers['retry-after']);
      expect(quotasIn(answer)).toEqual(['"requests";q=2;w=60', '"requests";r=0;t=30']);
      expect(answer.headers['access-control-expose-headers']).toContain('ratelimit');
    }
    expect(proxy.anchord.callsTo('/proofs')).toHaveLength(0);
    expect((await proxy.get('/healthz')).status).toBe(200);
    expect((await proxy.metrics()).get('chronos_proxy_refused_requests_total{reason="requests"}')).toBe(2);
  });

  test('pays for digests, and nothing of a request that is refused is stored', async () => {
    await start({ quotas: { ...NO_QUOTAS, requests: 100, digests: 10 } });
    const digests = Array.from({ length: 6 }, randomDigest);
    const taken = await proxy.post('/api/v1/timestamps', { digests });
    expect(taken.status).toBe(202);
    expect(quotasIn(taken)).toEqual([
      '"requests";q=100;w=60, "digests";q=10;w=60',
      '"requests";r=99;t=1, "digests";r=4;t=36',
    ]);
    const others = Array.from({ length: 5 }, randomDigest);
    expect(problemIn(await proxy.post('/api/v1/timestamps', { digests: others })).code).toBe('rate_limited');
    expect(others.filter((digest) => proxy.anchord.entries.has(digest))).toEqual([]);
    expect((await proxy.post('/api/v1/timestamps', { digests: others.slice(1) })).status).toBe(202);
  });

  test('pays ten times as much for a proof out of many', async () => {
    await start({ quotas: { ...NO_QUOTAS, digests: 20 } });
    const digests = [randomDigest(), randomDigest()];
    expect((await proxy.post('/api/v1/proofs', { digests })).status).toBe(200);
    expect(problemIn(await proxy.post('/api/v1/proofs', { digests: digests.slice(1) })).code).toBe('rate_limited');
  });

  test('may have few proofs verified, for each asks the chain', async () => {
    await start({ quotas: { ...NO_QUOTAS, verifications: 1 } });
    const digest = randomDigest();
    expect((await proxy.post('/api/v1/verify', { digest, proof: {} })).status).toBe(200);
    expect(problemIn(await proxy.post('/api/v1/verify', { digest, proof: {} })).code).toBe('rate_limited');
    expect((await proxy.post('/api/v1/timestamps', { digest })).status).toBe(202);
  });

  test('of a final proof learns nothing that is of another client', async () => {
    await start({ quotas: { ...NO_QUOTAS, requests: 10 } });
    const digest = randomDigest();
    await proxy.post('/api/v1/timestamps', { digest });
    proxy.anchord.finalize(proxy.anchord.windowId);
    const { status, headers } = await proxy.get(`/api/v1/proofs/${digest}`);
    expect([status, headers['ratelimit'], headers['ratelimit-policy']]).toEqual([200, undefined, undefined]);
  });
});

describe('whose quota it is', () => {
  test('is not for the client to say', async () => {
    await start({ quotas: { ...NO_QUOTAS, requests: 1 } });
    expect((await proxy.send('GET', '/healthz/', from('198.51.100.1'))).status).toBe(404);
    expect((await proxy.send('GET', '/healthz/', from('198.51.100.2'))).status).toBe(429);
    expect(proxy.logLines.join('')).toContain('set CHRONOS_TRUSTED_PROXIES');
  });

  test('is for a trusted hop to say, and IPv6 networks are one client', async () => {
    await start({ quotas: { ...NO_QUOTAS, requests: 1 }, trustedProxies: ['127.0.0.0/8'] });
    const statuses = [];
    for (const address of [
      '198.51.100.1',
      '198.51.100.2',
      '203.0.113.9, 198.51.100.1',
      '2001:db8:0:1::1',
      '2001:db8:0:1:ffff::2',
      '2001:db8:0:2::1',
    ]) {
      statuses.push((await proxy.send('GET', '/nowhere', from(address))).status);
    }
    expect(statuses).toEqual([404, 404, 429, 404, 429, 404]);
  });

  test('request ids too are taken from a trusted hop alone', async () => {
    const headers = { 'x-request-id': 'balancer:0001' };
    await start({ trustedProxies: [] });
    expect((await proxy.send('GET', '/healthz', { headers })).headers['x-request-id']).not.toBe('balancer:0001');
    await proxy.close();
    await start({ trustedProxies: 1 });
    expect((await proxy.send('GET', '/healthz', { headers })).headers['x-request-id']).toBe('balancer:0001');
    const odd = { 'x-request-id': 'no such {id}' };
    expect((await proxy.send('GET', '/healthz', { headers: odd })).headers['x-request-id']).not.toContain('{');
  });
});

describe('requests under way', () => {
  test.each([
    ['all together', { inFlight: 1 }, 503, 'overloaded', 'busy'],
    ['of one client', { inFlightPerClient: 1 }, 429, 'rate_limited', 'client_busy'],
  ])('are bounded, %s, but for health', async (_, limits, status, code, reason) => {
    await start({}, limits);
    const { opened, open } = gate();
    proxy.anchord.gate = opened;
    const called = proxy.anchord.nextCall('/digests');
    const first = proxy.post('/api/v1/timestamps', { digest: randomDigest() });
    await called;
    const refused = await proxy.post('/api/v1/timestamps', { digest: randomDigest() });
    expect(problemIn(refused)).toMatchObject({ status, code });
    expect(refused.headers['retry-after']).toMatch(/^[1-9]$/);
    expect((await proxy.get('/healthz')).status).toBe(200);
    expect((await proxy.metrics()).get(`chronos_proxy_refused_requests_total{reason="${reason}"}`)).toBe(1);
    open();
    expect((await first).status).toBe(202);
    expect((await proxy.post('/api/v1/timestamps', { digest: randomDigest() })).status).toBe(202);
  });

  test('have room for others while a client is held by ?wait=', async () => {
    await start({}, { inFlight: 1, inFlightPerClient: 1 });
    const digest = randomDigest();
    await proxy.post('/api/v1/timestamps', { digest });
    const held = proxy.anchord.nextCall('/windows/');
    const waiting = proxy.get(`/api/v1/proofs/${digest}?wait=60`);
    await held;
    expect((await proxy.post('/api/v1/timestamps', { digest })).status).toBe(202);
    const during = await proxy.metrics();
    expect(during.get('chronos_proxy_waiting_clients')).toBe(1);
    expect(during.get('chronos_proxy_requests_in_flight')).toBe(0);
    proxy.anchord.finalize(proxy.anchord.windowId);
    expect((await waiting).status).toBe(200);
  });
});

describe('connections', () => {
  test('of one client are bounded, and a trusted hop is not one client', async () => {
    for (const trustedProxies of [[], ['127.0.0.1']]) {
      await start({ connectionsPerClient: 2, trustedProxies });
      const sockets = [1, 2].map(() => createConnection(proxy.port, '127.0.0.1'));
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      const answer = proxy.get('/healthz');
      if (trustedProxies.length > 0) expect((await answer).status).toBe(200);
      else await expect(answer).rejects.toThrow(/socket hang up|ECONNRESET/);
      for (const socket of sockets) {
        socket.destroy();
        await once(socket, 'close');
      }
      const refused = (await proxy.metrics()).get('chronos_proxy_refused_connections_total{reason="client"}');
      expect(refused).toBe(trustedProxies.length > 0 ? undefined : 1);
      if (trustedProxies.length === 0) await proxy.close();
    }
  });

  test.each([
    ['a head that does not end', 'GET / HTTP/1.1\r\nhost: x\r\n', { headersTimeoutMs: 50, timeoutCheckMs: 10 }],
    [
      'a body that does not end',
      'POST /api/v1/timestamps HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{',
      { headersTimeoutMs: 20, requestTimeoutMs: 50, timeoutCheckMs: 10 },
    ],
    ['nothing at all', '', { headersTimeoutMs: 50, timeoutCheckMs: 10 }],
  ])('are ended after %s', async (_, bytes, limits) => {
    await start({}, limits);
    const socket = createConnection(proxy.port, '127.0.0.1');
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect((await proxy.metrics()).get('chronos_proxy_malformed_requests_total{code="request_timeout"}')).toBe(1);
  });
});

describe('the metrics', () => {
  test('count answers by route and class, and calls to anchord by outcome', async () => {
    await start({});
    const digest = randomDigest();
    await proxy.post('/api/v1/timestamps', { digests: [digest, randomDigest()] });
    await proxy.get(`/api/v1/proofs/${digest}`);
    await proxy.get(`/api/v1/${randomDigest()}`);
    proxy.anchord.override = (_req, res) => res.writeHead(401).end();
    await proxy.get('/api/v1/status');
    const metrics = await proxy.metrics();
    expect({
      submitted: metrics.get('chronos_proxy_requests_total{route="/api/v1/timestamps",status="2xx"}'),
      looked: metrics.get('chronos_proxy_requests_total{route="/api/v1/proofs/:digest",status="2xx"}'),
      unknown: metrics.get('chronos_proxy_requests_total{route="none",status="4xx"}'),
      failed: metrics.get('chronos_proxy_requests_total{route="/api/v1/status",status="5xx"}'),
      unauthorized: metrics.get('chronos_proxy_anchord_calls_total{call="pass_on",outcome="unauthorized"}'),
      digests: metrics.get('chronos_proxy_anchord_call_digests_sum{call="submit"}'),
      found: metrics.get('chronos_proxy_proofs_total{source="anchord"}'),
    }).toEqual({ submitted: 1, looked: 1, unknown: 1, failed: 1, unauthorized: 1, digests: 2, found: 1 });
    expect([...metrics.keys()].join('\n')).not.toContain(digest);
  });

  test('are on a port of their own, and nothing else is', async () => {
    await start({});
    expect((await proxy.get('/metrics')).status).toBe(404);
  });
});
