import { once } from 'node:events';
import { createConnection } from 'node:net';
import { ChronosError, errorsOf, ROUTES } from '@chronos/shared';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { answerProblem, TEST_TOKEN } from './test-support/test-anchord.js';
import { gate, problemIn, randomDigest, TestProxy } from './test-support/test-proxy.js';

const A = 'a'.repeat(64);
let proxy: TestProxy;
beforeAll(async () => {
  proxy = await TestProxy.start();
});
afterAll(() => proxy.close());
afterEach(() => {
  proxy.anchord.override = undefined;
});

/** Every path of the API, with its methods. */
const paths = new Map<string, string[]>();
for (const { path, method } of ROUTES) {
  const example = path.replace('{digest}', A).replace('{id}', '1795171560');
  paths.set(example, [...(paths.get(example) ?? []), method]);
}
const methodsOf = (path: string) => {
  const methods = paths.get(path)!;
  return [...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'];
};

describe.each([...paths.keys()])('%s', (path) => {
  test('answers OPTIONS for pages of any origin', async () => {
    const { status, headers, text } = await proxy.send('OPTIONS', path, {
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
    });
    expect([status, text]).toEqual([204, '']);
    expect(headers).not.toHaveProperty('content-length');
    expect(headers).toMatchObject({
      allow: methodsOf(path).join(', '),
      'access-control-allow-origin': '*',
      'access-control-allow-methods': methodsOf(path).join(', '),
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
    });
    expect(headers['x-request-id']).toBeDefined();
  });

  test('answers 405 and what it takes to every other method', async () => {
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'].filter(
      (method) => !methodsOf(path).includes(method),
    );
    for (const method of others) {
      const answer = await proxy.send(method, path);
      expect([method, answer.status]).toEqual([method, 405]);
      expect(answer.headers.allow).toBe(methodsOf(path).join(', '));
      if (method !== 'HEAD') expect(problemIn(answer).code).toBe('method_not_allowed');
    }
  });

  test('is spelled in one way only', async () => {
    const method = paths.get(path)!.includes('GET') ? 'GET' : 'POST';
    for (const variant of [`${path}/`, path.toUpperCase(), `/${path}`]) {
      expect(problemIn(await proxy.send(method, variant)).code).toBe('not_found');
    }
  });
});

test('HEAD is GET without the body', async () => {
  const digest = randomDigest();
  await proxy.post('/api/v1/timestamps', { digest });
  proxy.anchord.finalize(proxy.anchord.windowId);
  for (const path of [
    `/api/v1/proofs/${digest}`,
    `/api/v1/timestamps/${digest}`,
    '/openapi.json',
    '/healthz',
    '/docs/',
  ]) {
    const get = await proxy.get(path);
    const head = await proxy.send('HEAD', path);
    expect([path, head.status, head.text, head.headers['content-length'], head.headers.etag]).toEqual([
      path,
      get.status,
      '',
      String(get.bytes.length),
      get.headers.etag,
    ]);
  }
});

test('every answer has a request id of its own, and none that came with the request', async () => {
  const ids = new Set<unknown>();
  for (const path of ['/healthz', '/nowhere', `/api/v1/proofs/${A}`, '/docs/', '/openapi.json']) {
    const { headers } = await proxy.send('GET', path, { headers: { 'x-request-id': 'mine' } });
    ids.add(headers['x-request-id']);
  }
  expect(ids.size).toBe(5);
  expect(ids).not.toContain('mine');
});

test.each([
  ['/nowhere', 404, 'not_found'],
  ['/api/v1', 404, 'not_found'],
  ['/api/v1/timestamps/%', 400, 'invalid_request'],
  [`/api/v1/timestamps/${A}/x`, 404, 'not_found'],
  ['/docs/index.html', 404, 'not_found'],
  ['/docs/swagger-initializer.js', 404, 'not_found'],
  ['/docs/..%2fpackage.json', 404, 'not_found'],
])('GET %s is %i', async (path, status, code) => {
  expect(problemIn(await proxy.get(path))).toMatchObject({ status, code });
});

describe('what anchord answers for the public', () => {
  test.each([
    ['/api/v1/windows', '/api/v1/windows?limit=20'],
    ['/api/v1/windows?limit=100&before=1795171560', '/api/v1/windows?limit=100&before=1795171560'],
    ['/api/v1/windows/1795171560', '/api/v1/windows/1795171560'],
    ['/api/v1/windows/%31795171560', '/api/v1/windows/1795171560'],
    ['/api/v1/anchors/latest', '/api/v1/anchors/latest'],
    ['/api/v1/consistency?from=1&to=2', '/api/v1/consistency?from=1&to=2'],
    ['/api/v1/consistency?to=2&fr%6fm=1', '/api/v1/consistency?from=1&to=2'],
    ['/api/v1/status', '/api/v1/status'],
  ])('is asked for and handed on as it came: %s', async (path, asked) => {
    const reply = { hello: 'Größe' };
    proxy.anchord.publicReplies.set(asked, reply);
    const { status, headers, text } = await proxy.get(path);
    proxy.anchord.publicReplies.clear();
    expect([status, text]).toEqual([200, JSON.stringify(reply)]);
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    expect(proxy.anchord.calls.at(-1)).toMatchObject({ method: 'GET', url: asked, requestId: headers['x-request-id'] });
  });

  test.each([
    ['/api/v1/windows?limit=0', 'limit'],
    ['/api/v1/windows?limit=101', 'limit'],
    ['/api/v1/windows?limit=1&limit=2', 'limit'],
    ['/api/v1/windows?before=-1', 'before'],
    ['/api/v1/windows?before=1e3', 'before'],
    ['/api/v1/windows?offset=3', 'offset'],
    ['/api/v1/windows?__proto__=3', '__proto__'],
    ['/api/v1/windows/latest', 'id'],
    ['/api/v1/windows/1795171560?x=1', 'x'],
    ['/api/v1/windows/9007199254740992', 'id'],
    ['/api/v1/anchors/latest?x=1', 'x'],
    ['/api/v1/consistency', 'from'],
    ['/api/v1/consistency?from=1', 'to'],
    ['/api/v1/consistency?from=0&to=1', 'from'],
    ['/api/v1/consistency?from=1&to=two', 'to'],
    ['/api/v1/status?x=1', 'x'],
  ])('is not asked for where the request is bad: %s', async (path, field) => {
    const before = proxy.anchord.calls.length;
    expect(problemIn(await proxy.get(path))).toMatchObject({ status: 400, code: 'invalid_request', field });
    expect(proxy.anchord.calls.length).toBe(before);
  });

  test('comes with its errors unchanged', async () => {
    expect(problemIn(await proxy.get('/api/v1/windows/30'))).toMatchObject({ status: 404, code: 'unknown_window' });
    proxy.anchord.override = (_req, res) => {
      answerProblem(res, new ChronosError('unavailable_range', 'the log has 3 windows', { field: 'to' }));
    };
    const problem = problemIn(await proxy.get('/api/v1/consistency?from=1&to=9'));
    expect(problem).toMatchObject({
      status: 422,
      code: 'unavailable_range',
      detail: 'the log has 3 windows',
      field: 'to',
    });
  });

  test('is asked for a bounded number of times at once', async () => {
    const { opened, open } = gate();
    const busy = await TestProxy.start({}, { passedOn: 1 });
    busy.anchord.gate = opened;
    busy.anchord.publicReplies.set('/api/v1/status', {});
    const called = busy.anchord.nextCall('/api/v1/status');
    const first = busy.get('/api/v1/status');
    await called;
    expect(problemIn(await busy.get('/api/v1/status')).code).toBe('overloaded');
    open();
    expect((await first).status).toBe(200);
    expect((await busy.get('/api/v1/status')).status).toBe(200);
    await busy.close();
  });
});

describe('health', () => {
  test('/healthz answers without anchord, /readyz only while it is there', async () => {
    let now = 0;
    const pair = await TestProxy.start({}, {}, { nowMs: () => 0, monotonicMs: () => now });
    const port = Number(new URL(pair.anchord.url).port);
    const ready = async () => {
      now += 5_000;
      return (await pair.get('/readyz')).status;
    };
    expect(await ready()).toBe(200);
    await pair.anchord.stop();
    expect(await ready()).toBe(503);
    expect((await pair.get('/healthz')).status).toBe(200);
    await pair.anchord.start(port);
    expect(await ready()).toBe(200);
    await pair.close();
  });

  test('many questions are one question to anchord', async () => {
    const before = proxy.anchord.callsTo('/readyz').length;
    await Promise.all(Array.from({ length: 20 }, () => proxy.get('/readyz')));
    expect(proxy.anchord.callsTo('/readyz').length - before).toBeLessThanOrEqual(1);
  });
});

describe('the documentation', () => {
  test('/ leads to it', async () => {
    for (const path of ['/', '/docs']) {
      const { status, headers } = await proxy.get(path);
      expect([status, headers.location]).toEqual([302, '/docs/']);
    }
  });

  test('/openapi.json describes every route that there is, and no other', async () => {
    const document = JSON.parse((await proxy.get('/openapi.json')).text);
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([...new Set(ROUTES.map(({ path }) => path))].sort());
    expect(errorsOf(ROUTES[0]!)).toContain('overloaded');
  });

  test('the page loads its own files and nothing else', async () => {
    const page = await proxy.get('/docs/');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(page.headers).toMatchObject({
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(policy).toContain("script-src 'self';");
    expect(page.text).not.toMatch(/<script>|https?:/);
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name!);
    expect(files.sort()).toEqual(['favicon-32x32.png', 'initializer.js', 'swagger-ui-bundle.js', 'swagger-ui.css']);
    for (const name of files) {
      const { status, headers, bytes } = await proxy.get(`/docs/${name}`);
      expect([name, status, bytes.length > 100]).toEqual([name, 200, true]);
      const again = await proxy.send('GET', `/docs/${name}`, { headers: { 'if-none-match': headers.etag! } });
      expect(again.status).toBe(304);
    }
    const initializer = (await proxy.get('/docs/initializer.js')).text;
    expect(initializer).toContain("url: '/openapi.json'");
    expect(initializer).not.toMatch(/https?:/);
  });
});

describe('what is no request', () => {
  test.each([
    ['broken HTTP', 'HELLO\r\n\r\n', 400, 'invalid_request'],
    ['HTTP of before 1.0', 'GET /healthz\r\n\r\n', 400, 'invalid_request'],
    ['a second host', 'GET /healthz HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n', 400, 'invalid_request'],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`, 413, 'request_too_large'],
  ])('%s is answered as a problem', async (_, bytes, status, code) => {
    const socket = createConnection(proxy.port, '127.0.0.1');
    socket.write(bytes);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    const text = chunk.toString();
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ status, code });
    socket.destroy();
  });
});

describe('closing', () => {
  test('answers what is in flight, ends connections that are kept alive, and is not ready meanwhile', async () => {
    const { opened, open } = gate();
    const pair = await TestProxy.start();
    pair.anchord.gate = opened;
    const called = pair.anchord.nextCall('/digests');
    const body = JSON.stringify({ digest: A });
    const socket = createConnection(pair.port, '127.0.0.1');
    socket.write(
      `POST /api/v1/timestamps HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await called;
    const closed = pair.closeProxy();
    await expect(pair.get('/healthz')).rejects.toThrow('ECONNREFUSED');
    open();
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 202 /);
    expect(text.toLowerCase()).toContain('connection: close');
    await closed;
    await pair.anchord.stop();
  });

  test('first says so at /readyz, serves on, and ends connections with their answers', async () => {
    const pair = await TestProxy.start({ drainMs: 300_000 });
    expect((await pair.get('/readyz')).status).toBe(200);
    const hurry = new AbortController();
    const closed = pair.closeProxy(hurry.signal);
    expect((await pair.get('/readyz')).status).toBe(503);
    const { status, headers } = await pair.send('POST', '/api/v1/timestamps', {
      body: JSON.stringify({ digest: A }),
      headers: { 'content-type': 'application/json', connection: 'keep-alive' },
    });
    expect([status, headers.connection]).toEqual([202, 'close']); // asked to keep it alive
    const held = await pair.get(`/api/v1/proofs/${A}?wait=60`);
    expect([held.status, held.headers['retry-after']]).toEqual([202, expect.stringMatching(/^[0-9]+$/)]);
    hurry.abort();
    await closed;
    await expect(pair.get('/healthz')).rejects.toThrow('ECONNREFUSED');
    await pair.anchord.stop();
  });

  test('does not wait for ever', async () => {
    const pair = await TestProxy.start({}, { finishMs: 50 });
    pair.anchord.gate = new Promise(() => {
      // never
    });
    const called = pair.anchord.nextCall('/digests');
    const answer = pair.post('/api/v1/timestamps', { digest: A });
    answer.catch(() => 'it is looked at below');
    await called;
    await pair.close();
    await expect(answer).rejects.toThrow();
  });
});

describe('the access log', () => {
  const lines = ({ logLines }: TestProxy) =>
    logLines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'request');

  test('has a line for each answer, with route and network in place of digest and address', async () => {
    const digest = randomDigest();
    const pair = await TestProxy.start({ accessLog: 'all' });
    const { headers } = await pair.post('/api/v1/timestamps', { digest });
    await pair.get(`/api/v1/proofs/${digest}?wait=0`);
    await pair.get('/nowhere');
    await pair.close();
    const log = pair.logLines.join('');
    expect(log).not.toContain(digest);
    expect(log).not.toContain(TEST_TOKEN);
    expect(JSON.stringify(lines(pair))).not.toContain('127.0.0.1');
    expect(lines(pair)).toMatchObject([
      {
        requestId: headers['x-request-id'],
        client: '127.0.0.0/24',
        method: 'POST',
        route: '/api/v1/timestamps',
        status: 202,
        bytes: Number(headers['content-length']),
        complete: true,
      },
      { method: 'GET', route: '/api/v1/proofs/:digest', status: 202 },
      { method: 'GET', route: 'none', status: 404 },
    ]);
  });

  test('is of faults alone, or not there at all', async () => {
    for (const accessLog of ['errors', 'none'] as const) {
      const pair = await TestProxy.start({ accessLog });
      await pair.get('/healthz');
      await pair.anchord.stop();
      await pair.get('/api/v1/status');
      await pair.closeProxy();
      const statuses = lines(pair).map(({ status }) => status);
      expect(statuses).toEqual(accessLog === 'errors' ? [503] : []);
    }
  });
});
