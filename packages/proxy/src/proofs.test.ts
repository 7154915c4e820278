import { proofSchema, proofsReplySchema, timestampReplySchema } from '@chronos/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { gate, problemIn, randomDigest, TestProxy } from './test-support/test-proxy.js';

let proxy: TestProxy;
/** A digest of a window of its own, submitted. */
let digest: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
});
afterAll(() => proxy.close());
beforeEach(async () => {
  proxy.anchord.windowId += 30;
  digest = randomDigest();
  await proxy.post('/api/v1/timestamps', { digest });
});
afterEach(() => {
  proxy.anchord.gate = undefined;
  proxy.anchord.override = undefined;
});

const lookUps = () => proxy.anchord.callsTo('/proofs').length;

describe('GET /api/v1/proofs/{digest}', () => {
  test('answers an incomplete proof with 202, when to come again, and that it is not to be kept', async () => {
    const { status, headers, text, bytes } = await proxy.get(`/api/v1/proofs/${digest}`);
    expect(status).toBe(202);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
    expect(headers.etag).toBeUndefined();
    expect(proofSchema.parse(JSON.parse(text)).anchors).toEqual([]);
    expect(bytes.equals(proxy.anchord.proofItem(digest).json)).toBe(true);
  });

  test('answers a complete proof as anchord made it, to be kept for ever, and then from memory', async () => {
    proxy.anchord.finalize(proxy.anchord.windowId);
    const first = await proxy.get(`/api/v1/proofs/${digest}`);
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
    expect(first.headers['access-control-expose-headers']).toContain('etag');
    expect(first.bytes.equals(proxy.anchord.proofItem(digest).json)).toBe(true);
    const before = lookUps();
    const second = await proxy.get(`/api/v1/proofs/${digest}`);
    expect(second.bytes.equals(first.bytes)).toBe(true);
    expect(second.headers.etag).toBe(first.headers.etag);
    expect(lookUps()).toBe(before);
    const third = await proxy.send('GET', `/api/v1/proofs/${digest}`, {
      headers: { 'if-none-match': first.headers.etag! },
    });
    expect([third.status, third.text, third.headers.etag]).toEqual([304, '', first.headers.etag]);
    expect(third.headers).not.toHaveProperty('content-length');
  });

  test('keeps nothing that is not final', async () => {
    await proxy.get(`/api/v1/proofs/${digest}`);
    const before = lookUps();
    expect((await proxy.get(`/api/v1/proofs/${digest}`)).status).toBe(202);
    expect(lookUps()).toBe(before + 1);
  });

  test('keeps no more than its memory allows', async () => {
    const small = await TestProxy.start({}, { cacheBytes: 3_000 });
    const digests = Array.from({ length: 5 }, randomDigest);
    await small.post('/api/v1/timestamps', { digests });
    small.anchord.finalize(small.anchord.windowId);
    for (const one of digests) expect((await small.get(`/api/v1/proofs/${one}`)).status).toBe(200);
    const before = small.anchord.callsTo('/proofs').length;
    await small.get(`/api/v1/proofs/${digests[0]!}`);
    await small.get(`/api/v1/proofs/${digests[4]!}`);
    expect(small.anchord.callsTo('/proofs').length).toBe(before + 1);
    await small.close();
  });

  test('hands on what is not ASCII byte by byte', async () => {
    const json = Buffer.from('{"note":"Größe \u{1f600}"}');
    proxy.anchord.override = (_req, res) => {
      const header = Buffer.alloc(11);
      header[0] = 3;
      header.writeUInt32BE(json.length, 7);
      res.end(Buffer.concat([header, json]));
    };
    expect((await proxy.get(`/api/v1/proofs/${randomDigest()}`)).bytes.equals(json)).toBe(true);
  });

  test('answers 404 to a digest that was never submitted', async () => {
    expect(problemIn(await proxy.get(`/api/v1/proofs/${randomDigest()}`))).toMatchObject({
      status: 404,
      code: 'unknown_digest',
    });
  });

  test('looks many up in few calls, and gives each its own', async () => {
    const digests = Array.from({ length: 100 }, randomDigest);
    await proxy.post('/api/v1/timestamps', { digests });
    const before = lookUps();
    const { opened, open } = gate();
    proxy.anchord.gate = opened;
    const asked = digests.map((one) => proxy.get(`/api/v1/proofs/${one}`));
    await Promise.all(Array.from({ length: 50 }, () => proxy.get('/healthz')));
    open();
    const answers = await Promise.all(asked);
    expect(answers.map(({ text }) => JSON.parse(text).digest.value)).toEqual(digests);
    expect(lookUps() - before).toBeLessThan(20);
  });

  test.each([
    ['upper case', 'A'.repeat(64)],
    ['63 digits', 'a'.repeat(63)],
    ['0x', `0x${'a'.repeat(64)}`],
    ['a dot', '.'],
    ['an encoded slash', `${'a'.repeat(62)}%2F`],
  ])('refuses %s as a digest, here and for timestamps', async (_, text) => {
    for (const path of ['proofs', 'timestamps']) {
      const answer = await proxy.get(`/api/v1/${path}/${text}`);
      expect(problemIn(answer)).toMatchObject({ status: 400, code: 'invalid_digest', field: 'digest' });
    }
  });

  test.each([
    'wait=',
    'wait=61',
    'wait=-1',
    'wait=1.5',
    'wait=1e1',
    'wait=0x5',
    'wait=05',
    'wait=1&wait=2',
    'wait=soon',
  ])('refuses ?%s', async (query) => {
    expect(problemIn(await proxy.get(`/api/v1/proofs/${digest}?${query}`))).toMatchObject({
      status: 400,
      code: 'invalid_request',
      field: 'wait',
    });
  });

  test('refuses query parameters that it does not know', async () => {
    const query = { status: 400, code: 'invalid_request', field: 'waits' };
    expect(problemIn(await proxy.get(`/api/v1/proofs/${digest}?waits=5`))).toMatchObject(query);
    expect(problemIn(await proxy.get(`/api/v1/timestamps/${digest}?waits=5`))).toMatchObject(query);
  });
});

describe('GET /api/v1/proofs/{digest}?wait=', () => {
  test('holds the answers of all who wait by one call, until the proof is complete', async () => {
    const { windowId } = proxy.anchord;
    const held = proxy.anchord.nextCall(`/windows/${windowId}/final`);
    const waiting = Array.from({ length: 20 }, () => proxy.get(`/api/v1/proofs/${digest}?wait=60`));
    expect((await held).url).toBe(`/windows/${windowId}/final?wait=60`);
    // All have been looked up once these are answered, for look-ups are answered in order.
    await Promise.all(Array.from({ length: 20 }, () => proxy.get(`/api/v1/proofs/${digest}`)));
    proxy.anchord.finalize(windowId);
    for (const { status, text } of await Promise.all(waiting)) {
      expect(status).toBe(200);
      expect(proofSchema.parse(JSON.parse(text)).anchors).toHaveLength(1);
    }
    expect(proxy.anchord.callsTo(`/windows/${windowId}/final`)).toHaveLength(1);
  });

  test('answers with what stands when the time is up', async () => {
    const { status, headers } = await proxy.get(`/api/v1/proofs/${digest}?wait=1`);
    expect(status).toBe(202);
    expect(headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
  });

  test('answers at once when the proof is complete, when the digest is unknown, and for 0 seconds', async () => {
    expect((await proxy.get(`/api/v1/proofs/${digest}?wait=0`)).status).toBe(202);
    expect((await proxy.get(`/api/v1/proofs/${randomDigest()}?wait=60`)).status).toBe(404);
    proxy.anchord.finalize(proxy.anchord.windowId);
    expect((await proxy.get(`/api/v1/proofs/${digest}?wait=60`)).status).toBe(200);
    expect((await proxy.get(`/api/v1/proofs/${digest}?wait=60`)).status).toBe(200);
  });

  test('lets the held call go when the last client has gone', async () => {
    const held = proxy.anchord.nextCall('/windows/');
    const away = new AbortController();
    const answer = proxy.send('GET', `/api/v1/proofs/${digest}?wait=60`, { signal: away.signal });
    await held;
    const letGo = new Promise((resolve) => proxy.anchord.once('let go', resolve));
    away.abort();
    await expect(answer).rejects.toThrow();
    await letGo;
  });

  test('answers at once with what stands when too many wait', async () => {
    const full = await TestProxy.start({}, { waiters: 1 });
    await full.post('/api/v1/timestamps', { digest });
    const held = full.anchord.nextCall('/windows/');
    const waiting = full.get(`/api/v1/proofs/${digest}?wait=60`);
    await held;
    expect((await full.get(`/api/v1/proofs/${digest}?wait=60`)).status).toBe(202);
    full.anchord.finalize(full.anchord.windowId);
    expect((await waiting).status).toBe(200);
    await full.close();
  });

  test('answers with what stands when anchord goes away, and when the proxy closes', async () => {
    for (const end of ['anchord', 'proxy'] as const) {
      const pair = await TestProxy.start();
      await pair.post('/api/v1/timestamps', { digest });
      const held = pair.anchord.nextCall('/windows/');
      const waiting = pair.get(`/api/v1/proofs/${digest}?wait=60`);
      await held;
      await (end === 'anchord' ? pair.anchord.stop() : pair.closeProxy());
      expect((await waiting).status).toBe(202);
      await (end === 'anchord' ? pair.closeProxy() : pair.anchord.stop());
    }
  });
});

describe('GET /api/v1/timestamps/{digest}', () => {
  test('tells how far a digest has come', async () => {
    const { windowId } = proxy.anchord;
    const read = async () => {
      const { status, headers, text } = await proxy.get(`/api/v1/timestamps/${digest}`);
      expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
      return timestampReplySchema.parse(JSON.parse(text));
    };
    const common = {
      digest,
      receivedAt: new Date(proxy.anchord.entries.get(digest)!.receivedAtMs).toISOString(),
      window: { id: windowId, seconds: 30 },
    };
    const time = new Date((windowId + 45) * 1000).toISOString();
    expect(await read()).toEqual({ ...common, status: 'collecting', expectedFinalAt: time });
    proxy.anchord.finalize(windowId);
    expect(await read()).toEqual({ ...common, status: 'final', finalAt: time });
  });

  test('answers 404 to a digest that was never submitted', async () => {
    const problem = problemIn(await proxy.get(`/api/v1/timestamps/${randomDigest()}`));
    expect(problem).toMatchObject({ status: 404, code: 'unknown_digest' });
  });
});

describe('POST /api/v1/proofs', () => {
  test('answers in the order asked: known and unknown, final and not, and the same twice', async () => {
    const final = randomDigest();
    const unknown = randomDigest();
    proxy.anchord.windowId += 30;
    await proxy.post('/api/v1/timestamps', { digest: final });
    proxy.anchord.finalize(proxy.anchord.windowId);
    for (const inMemory of [false, true]) {
      const before = proxy.anchord.calls.length;
      const { status, headers, text } = await proxy.post('/api/v1/proofs', {
        digests: [digest, unknown, final, digest],
      });
      expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
      const { items } = proofsReplySchema.parse(JSON.parse(text));
      expect(items.map((item) => [item.digest, item.status, item.proof?.digest.value])).toEqual([
        [digest, 'collecting', digest],
        [unknown, 'unknown', undefined],
        [final, 'final', final],
        [digest, 'collecting', digest],
      ]);
      const asked = proxy.anchord.calls.slice(before).flatMap(({ digests }) => digests);
      expect(asked).toEqual(inMemory ? [digest, unknown, digest] : [digest, unknown, final, digest]);
    }
  });

  test('answers 1,000 at once', async () => {
    const digests = Array.from({ length: 1_000 }, randomDigest);
    await proxy.post('/api/v1/timestamps', { digests });
    const { text } = await proxy.post('/api/v1/proofs', { digests });
    expect(proofsReplySchema.parse(JSON.parse(text)).items.map((item) => item.proof!.digest.value)).toEqual(digests);
  });

  test.each<[string, unknown, object]>([
    [
      '1,001 digests',
      { digests: Array<string>(1_001).fill('a'.repeat(64)) },
      { code: 'invalid_request', field: 'digests' },
    ],
    ['no digests', { digests: [] }, { code: 'invalid_request', field: 'digests' }],
    ['a single digest', { digest: 'a'.repeat(64) }, { code: 'invalid_request', field: 'digest' }],
    [
      'a bad one',
      { digests: ['a'.repeat(64), 'A'.repeat(64)] },
      { code: 'invalid_digest', field: 'digests', index: 1 },
    ],
    ['nothing', {}, { code: 'invalid_request', field: 'digests' }],
    ['broken JSON', '{', { code: 'invalid_json' }],
  ])('refuses %s and asks anchord nothing', async (_, body, problem) => {
    const before = lookUps();
    expect(problemIn(await proxy.post('/api/v1/proofs', body))).toMatchObject({ status: 400, ...problem });
    expect(lookUps()).toBe(before);
  });

  test('refuses a body that is too large, and other types', async () => {
    expect((await proxy.post('/api/v1/proofs', ' '.repeat(200_000))).status).toBe(413);
    expect((await proxy.post('/api/v1/proofs', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });
});

describe('look-ups', () => {
  test('are bounded: beyond it clients get 503', async () => {
    const { opened, open } = gate();
    const busy = await TestProxy.start({}, { waitingLookUps: 1 });
    await busy.post('/api/v1/timestamps', { digest });
    busy.anchord.gate = opened;
    const waiting = [];
    for (let i = 0; i < 2; i++) {
      const called = busy.anchord.nextCall('/proofs');
      waiting.push(busy.get(`/api/v1/proofs/${digest}`));
      await called;
    }
    expect(problemIn(await busy.post('/api/v1/proofs', { digests: [digest, digest] }))).toMatchObject({
      code: 'overloaded',
    });
    open();
    for (const answer of waiting) expect((await answer).status).toBe(202);
    await busy.close();
  });

  test('that fail are 503', async () => {
    proxy.anchord.override = (_req, res) => res.destroy();
    expect(problemIn(await proxy.get(`/api/v1/proofs/${digest}`))).toMatchObject({ code: 'backend_unavailable' });
  });

  test('whose answer is malformed are 500 without detail', async () => {
    proxy.anchord.override = (_req, res) => res.end('x'.repeat(50));
    expect(problemIn(await proxy.get(`/api/v1/proofs/${digest}`)).detail).not.toContain('proof items');
  });
});
