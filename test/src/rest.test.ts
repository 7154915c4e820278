import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ChronosClient,
  EvmReader,
  fromHex,
  type Problem,
  proofsReplySchema,
  statusReplySchema,
  submitReplySchema,
  toHex,
  verifyConsistency,
  verifyProof,
  windowReplySchema,
} from '@chronos/shared';
import { freePorts, type LocalService, ROOT, startService, temporaryFolder } from './support/service.js';

// The REST API over the real anchord and chain. The proxy's own tests hold every row of the table against bad input.

let temporary: ReturnType<typeof temporaryFolder>;
let service: LocalService;
let client: ChronosClient;

beforeAll(async () => {
  temporary = temporaryFolder();
  service = await startService(join(temporary.folder, 'data'), await freePorts());
  client = new ChronosClient({ baseUrl: service.url });
}, 60_000);

afterAll(async () => {
  await service.stop();
  temporary.remove();
}, 60_000);

function randomDigests(count: number): string[] {
  return Array.from({ length: count }, () => toHex(randomBytes(32)));
}

async function post(path: string, body: unknown): Promise<{ status: number; body: unknown; headers: Headers }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

function totalDigests(): Promise<number> {
  return client.status().then((status) => status.totals.digests);
}

describe('submitting', () => {
  test('takes 10,000 digests at once, each with a receipt in the order given', async () => {
    const digests = randomDigests(10_000);
    const { status, body } = await post('/api/v1/timestamps', { digests });
    expect(status).toBe(202);
    const { items } = submitReplySchema.parse(body);
    expect(items.map(({ digest }) => digest)).toEqual(digests);
    expect(new Set(items.map(({ salt }) => salt)).size).toBe(10_000);
    // Again, and one by one: the same receipts.
    const again = submitReplySchema.parse((await post('/api/v1/timestamps', { digest: digests[7777] })).body);
    expect(again.items).toEqual([{ ...items[7777], status: 'exists' }]);
  });

  test('refuses a request whole for one bad digest, naming it, and stores nothing of it', async () => {
    const before = await totalDigests();
    const digests = randomDigests(50);
    digests[33] = digests[33]!.toUpperCase();
    const { status, body } = await post('/api/v1/timestamps', { digests });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { code: 'invalid_digest', field: 'digests', index: 33 },
    });
    expect((body as Problem).detail).toContain('lower case');
    expect(await totalDigests()).toBe(before);
    await expect(client.timestamp(digests[0]!)).rejects.toMatchObject({ code: 'unknown_digest', status: 404 });
  });

  test('refuses none, too many and too much, and stores nothing', async () => {
    const before = await totalDigests();
    expect(await post('/api/v1/timestamps', { digests: [] })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(await post('/api/v1/timestamps', { digests: randomDigests(10_001) })).toMatchObject({ status: 400 });
    expect(await post('/api/v1/timestamps', `{"digests":["${'a'.repeat(50_000_000)}"]}`)).toMatchObject({
      status: 413,
      body: { code: 'request_too_large' },
    });
    expect(await totalDigests()).toBe(before);
  });
});

describe('a digest until it is final', () => {
  test('goes from collecting to final, its proof held back until it is complete and then the same for ever', async () => {
    const [digest] = randomDigests(1) as [string];
    await client.submit([digest]);
    expect(await client.timestamp(digest)).toMatchObject({ status: 'collecting' });
    const incomplete = await fetch(`${service.url}/api/v1/proofs/${digest}`);
    expect(incomplete.status).toBe(202);
    expect(Number(incomplete.headers.get('retry-after'))).toBeGreaterThan(0);

    const { proof, complete } = await client.proof(digest, { waitSeconds: 60 });
    expect(complete).toBe(true);
    const readers = (chain: string) => [new EvmReader(chain, service.rpcUrl)];
    expect(await verifyProof(fromHex(digest), proof, readers)).toMatchObject({ code: 'ok' });
    expect(await client.verify(digest, proof)).toMatchObject({ ok: true, code: 'ok' });
    expect(await client.timestamp(digest)).toMatchObject({ status: 'final' });

    const finished = await fetch(`${service.url}/api/v1/proofs/${digest}`);
    expect(finished.headers.get('cache-control')).toContain('immutable');
    expect(await finished.json()).toEqual(proof);
    const { items } = proofsReplySchema.parse(
      (await post('/api/v1/proofs', { digests: [digest, 'ab'.repeat(32)] })).body,
    );
    expect(items).toEqual([
      { digest, status: 'final', proof },
      { digest: 'ab'.repeat(32), status: 'unknown', proof: null },
    ]);
  }, 60_000);

  test('many that wait are all answered', async () => {
    const digests = randomDigests(200);
    await client.submit(digests);
    const proofs = await Promise.all(digests.map((digest) => client.proof(digest, { waitSeconds: 60 })));
    expect(proofs.every(({ complete }) => complete)).toBe(true);
  }, 60_000);
});

describe('windows and the log', () => {
  test('are told as they are, and the log is consistent from its first window on', async () => {
    const { items } = await client.windows({ limit: 100 });
    const final = items.filter(({ status }) => status === 'final');
    expect(final.length).toBeGreaterThan(0);
    const [newest] = final;
    expect(windowReplySchema.parse(await client.window(newest!.id))).toEqual(newest);
    expect((await client.latestAnchor()).window.id).toBeGreaterThanOrEqual(newest!.id);
    const size = newest!.logIndex! + 1;
    const { from, to, path } = await client.consistency(1, size);
    expect(to.root).toBe(newest!.logRoot);
    expect(verifyConsistency(1n, BigInt(size), fromHex(from.root), fromHex(to.root), path.map(fromHex))).toBe(true);
    await expect(client.consistency(1, size + 1000)).rejects.toMatchObject({ code: 'unavailable_range', status: 422 });
    await expect(client.window(1)).rejects.toMatchObject({ code: 'unknown_window', status: 404 });
  });

  test('the status names the chain and its contract', async () => {
    const status = statusReplySchema.parse(await client.status());
    expect(status.chains).toMatchObject([
      { type: 'zilliqa-evm', chain: 'eip155:31337', contract: service.contract.toLowerCase(), state: 'ok' },
    ]);
  });
});

describe('without anchord', () => {
  test('the proxy answers 503 with Retry-After, and goes on by itself when anchord is back', async () => {
    const digest = createHash('sha256').update('while anchord is away').digest('hex');
    await client.submit([digest]);
    await service.anchord.stop('SIGKILL');
    const refused = await post('/api/v1/timestamps', { digests: randomDigests(1) });
    expect(refused).toMatchObject({ status: 503, body: { code: 'backend_unavailable' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    await service.restartAnchord();
    // Killed without warning after it had acknowledged: the digest is there, and becomes final.
    expect((await client.proof(digest, { waitSeconds: 60 })).complete).toBe(true);
  }, 60_000);
});

describe('the admin port', () => {
  const admin = (path: string, init: RequestInit = {}, token = readFileSync(service.adminTokenFile, 'utf8').trim()) =>
    fetch(service.adminUrl + path, { ...init, headers: { authorization: `Bearer ${token}` } });

  test('wants its token', async () => {
    expect((await admin('/status', {}, 'x'.repeat(64))).status).toBe(401);
    expect((await fetch(`${service.adminUrl}/status`)).status).toBe(401);
  });

  test('shows the state of anchoring, and closes the window on request', async () => {
    expect(await (await admin('/health')).json()).toMatchObject({ healthy: true });
    expect(await (await admin('/status')).json()).toMatchObject({
      anchoring: [{ chain: 'eip155:31337', unanchored: 0 }],
    });
    const { items } = await client.submit(randomDigests(1));
    expect(await (await admin('/close-window', { method: 'POST' })).json()).toEqual({ ended: items[0]!.window.id });
  });
});

test('the documents that the service serves are there', async () => {
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, unknown>;
  };
  expect(document.openapi).toMatch(/^3\.1/);
  expect(Object.keys(document.paths)).toContain('/api/v1/timestamps');
  expect((await fetch(`${service.url}/docs/`)).status).toBe(200);
  expect(readFileSync(join(ROOT, 'docs', 'api.md'), 'utf8')).toContain('/api/v1/timestamps');
});
