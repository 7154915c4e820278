import { createConnection } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { ChronosError, submitReplySchema } from '@chronos/shared';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { answerProblem, TEST_TOKEN } from './test-support/test-anchord.js';
import { type Answer, gate, problemIn, randomDigest, TestProxy } from './test-support/test-proxy.js';

const PATH = '/api/v1/timestamps';
let proxy: TestProxy;

beforeAll(async () => {
  proxy = await TestProxy.start();
});
afterAll(() => proxy.close());
afterEach(() => {
  proxy.anchord.override = undefined;
  proxy.anchord.gate = undefined;
});

function itemsIn({ status, text, headers }: Answer) {
  expect(status).toBe(202);
  expect(headers['content-type']).toBe('application/json');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['access-control-allow-origin']).toBe('*');
  expect(headers['x-request-id']).toMatch(/^[\w-]{8,}$/);
  expect(headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
  return submitReplySchema.parse(JSON.parse(text)).items;
}

/** What anchord was asked to store while `act` ran. */
async function forwarded(act: () => Promise<unknown>): Promise<string[]> {
  const before = proxy.anchord.callsTo('/digests').length;
  await act();
  return proxy.anchord
    .callsTo('/digests')
    .slice(before)
    .flatMap(({ digests }) => digests);
}

describe('POST /api/v1/timestamps', () => {
  test('answers the receipt of one digest', async () => {
    const digest = randomDigest();
    const [item] = itemsIn(await proxy.post(PATH, { digest }));
    expect(item).toMatchObject({ digest, status: 'accepted', proofUrl: `/api/v1/proofs/${digest}` });
    expect(item!.window).toEqual({ id: 1795171560, seconds: 30, closesAt: '2026-11-20T10:46:30.000Z' });
    expect(proxy.anchord.entries.get(digest)!.salt.toString()).toBe(Buffer.from(item!.salt, 'hex').toString());
  });

  test('answers `exists` to a digest that is known, also within one request', async () => {
    const digest = randomDigest();
    const other = randomDigest();
    const items = itemsIn(await proxy.post(PATH, { digests: [digest, other, digest] }));
    expect(items.map((item) => [item.digest, item.status])).toEqual([
      [digest, 'accepted'],
      [other, 'accepted'],
      [digest, 'exists'],
    ]);
    expect(itemsIn(await proxy.post(PATH, { digest }))[0]).toEqual({ ...items[2]! });
  });

  test('answers 10,000 digests in the order sent', async () => {
    const digests = Array.from({ length: 10_000 }, randomDigest);
    const answer = await proxy.post(PATH, { digests });
    expect(itemsIn(answer).map(({ digest }) => digest)).toEqual(digests);
    expect(answer.headers['content-length']).toBe(String(answer.bytes.length));
  });

  test.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON'])(
    'takes the content type %s',
    async (type) => {
      itemsIn(await proxy.post(PATH, { digest: randomDigest() }, { 'content-type': type }));
    },
  );

  test('takes a body that comes in pieces, with or without its length announced', async () => {
    const body = Buffer.from(JSON.stringify({ digest: randomDigest() }));
    for (const lines of [
      [
        'transfer-encoding: chunked',
        '',
        '20',
        body.subarray(0, 32),
        (body.length - 32).toString(16),
        body.subarray(32),
        '0',
        '',
        '',
      ],
      [`content-length: ${body.length}`, '', body.subarray(0, 32), body.subarray(32)],
    ]) {
      const socket = createConnection(proxy.port, '127.0.0.1');
      socket.setNoDelay(true);
      socket.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`);
      const isChunked = lines.length > 4;
      for (const line of lines) {
        socket.write(line);
        if (isChunked || !Buffer.isBuffer(line)) socket.write('\r\n');
        await new Promise((resolve) => setImmediate(resolve));
      }
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      expect(text).toMatch(/^HTTP\/1.1 202 /);
    }
  });

  test('gives 100 Continue to a client that asks first', async () => {
    const body = JSON.stringify({ digest: randomDigest() });
    const socket = createConnection(proxy.port, '127.0.0.1');
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1.1 100 Continue/);
    socket.write(body);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 202 /);
  });

  test('puts the public address before proof paths where one is set', async () => {
    const elsewhere = await TestProxy.start({ publicUrl: 'https://chronos.example' });
    const digest = randomDigest();
    const [item] = itemsIn(await elsewhere.post(PATH, { digest }));
    expect(item!.proofUrl).toBe(`https://chronos.example/api/v1/proofs/${digest}`);
    await elsewhere.close();
  });
});

describe('a submission is refused whole, and nothing of it is forwarded', () => {
  const good = randomDigest();
  test.each<[string, unknown, string, object]>([
    ['an unknown key', { digest: good, note: 'x' }, 'invalid_request', { field: 'note' }],
    ['both digest and digests', { digest: good, digests: [good] }, 'invalid_request', { field: 'digests' }],
    ['neither', {}, 'invalid_request', { field: 'digest' }],
    ['an array', [good], 'invalid_request', {}],
    ['a text', '"x"', 'invalid_request', {}],
    ['no digests', { digests: [] }, 'invalid_request', { field: 'digests' }],
    ['10,001 digests', { digests: Array<string>(10_001).fill(good) }, 'invalid_request', { field: 'digests' }],
    ['upper-case hex', { digest: good.toUpperCase() }, 'invalid_digest', { field: 'digest' }],
    ['0x', { digests: [good, `0x${good}`] }, 'invalid_digest', { field: 'digests', index: 1 }],
    [
      'one bad digest among many',
      { digests: [good, good, good.slice(1)] },
      'invalid_digest',
      { field: 'digests', index: 2 },
    ],
    ['broken JSON', '{"digest": ', 'invalid_json', {}],
    ['an empty body', '', 'invalid_json', {}],
    ['invalid UTF-8', Buffer.from('{"digest":"\xff"}', 'latin1'), 'invalid_json', {}],
    ['deep nesting', '['.repeat(100_000), 'invalid_json', {}],
    [
      'deep nesting that ends',
      `{"digest":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'invalid_digest',
      { field: 'digest' },
    ],
  ])('for %s', async (_, body, code, place) => {
    const stored = await forwarded(async () => {
      const answer = await proxy.post(PATH, body);
      expect(answer.status).toBe(400);
      expect(problemIn(answer)).toMatchObject({ code, ...place });
    });
    expect(stored).toEqual([]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no content type', {}, 'content-type'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'content-type'],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }, 'content-type'],
    ['a longer name', { 'content-type': 'application/jsonp' }, 'content-type'],
    ['compression', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'content-encoding'],
  ])('with 415 for %s', async (_, headers, field) => {
    const stored = await forwarded(async () => {
      const answer = await proxy.send('POST', PATH, { body: JSON.stringify({ digest: good }), headers });
      expect(answer.status).toBe(415);
      expect(problemIn(answer)).toMatchObject({ code: 'unsupported_media_type', field });
    });
    expect(stored).toEqual([]);
  });

  test('for a query parameter', async () => {
    expect(problemIn(await proxy.post(`${PATH}?dry=1`, { digest: good }))).toMatchObject({
      code: 'invalid_request',
      field: 'dry',
    });
  });

  test('with 413 for 50 MB, whether the length is announced or not, and the answer arrives', async () => {
    const body = Buffer.alloc(50 * 1024 * 1024, ' ');
    const announced = await proxy.post(PATH, body);
    expect(problemIn(announced)).toMatchObject({ code: 'request_too_large', status: 413 });
    expect(announced.headers.connection).toBe('close');
    const chunked = await proxy.post(PATH, body, { 'transfer-encoding': 'chunked' });
    expect(problemIn(chunked)).toMatchObject({ code: 'request_too_large', status: 413 });
  });

  test('with 413 and no 100 Continue where a client asks before it sends too much', async () => {
    const socket = createConnection(proxy.port, '127.0.0.1');
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 52428800\r\n\r\n`,
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 413 /);
  });

  test('with 503 when too many large bodies arrive at once', async () => {
    const small = await TestProxy.start({}, { receivingBytes: 100_000 });
    const digests = Array.from({ length: 5_000 }, randomDigest);
    expect(problemIn(await small.post(PATH, { digests }))).toMatchObject({ code: 'overloaded' });
    itemsIn(await small.post(PATH, { digests: digests.slice(0, 1_000) }));
    itemsIn(await small.post(PATH, { digests: digests.slice(0, 1_000) }));
    await small.close();
  });

  test('with 408 when the body does not arrive in time', async () => {
    const hasty = await TestProxy.start({}, { requestTimeoutMs: 100, headersTimeoutMs: 100, timeoutCheckMs: 20 });
    const socket = createConnection(hasty.port, '127.0.0.1');
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 77\r\n\r\n{"dig`,
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ code: 'request_timeout', status: 408 });
    await hasty.close();
  });
});

describe('towards anchord', () => {
  test('requests that wait together travel together, and each gets its own receipts', async () => {
    const { opened, open } = gate();
    proxy.anchord.gate = opened;
    const before = proxy.anchord.callsTo('/digests').length;
    const all = Array.from({ length: 200 }, (_, i) => Array.from({ length: 1 + (i % 3) }, randomDigest));
    const firstTwo = all.slice(0, 2).map(async (digests) => {
      const called = proxy.anchord.nextCall('/digests');
      const answer = proxy.post(PATH, { digests });
      await called;
      return { answer };
    });
    for (const sent of firstTwo) await sent;
    const rest = all.slice(2).map((digests) => proxy.post(PATH, { digests }));
    // A request on each of the other connections has been read once its client is answered something else over it.
    await Promise.all(Array.from({ length: 50 }, () => proxy.get('/healthz')));
    expect(proxy.anchord.callsTo('/digests').length - before).toBeLessThanOrEqual(2);
    open();
    const answers = await Promise.all([...firstTwo.map(async (sent) => (await sent).answer), ...rest]);
    answers.forEach((answer, i) => {
      expect(itemsIn(answer).map(({ digest, status }) => [digest, status])).toEqual(
        all[i]!.map((digest) => [digest, 'accepted']),
      );
    });
    expect(proxy.anchord.callsTo('/digests').length - before).toBeLessThan(40);
  });

  test('a call carries the id of the request that it serves, and no id that a client gave', async () => {
    const called = proxy.anchord.nextCall('/digests');
    const answer = await proxy.post(PATH, { digest: randomDigest() }, { 'x-request-id': 'mine' });
    expect((await called).requestId).toMatch(/^[\w-]{8,}$/);
    expect(answer.headers['x-request-id']).toBe((await called).requestId);
  });

  test('a call that fails for several requests is logged with the ids of all, the first being the id of the call', async () => {
    proxy.anchord.override = (_req, res) => {
      answerProblem(res, new ChronosError('overloaded', 'this window is full', { retryAfterSeconds: 17 }));
    };
    // In one piece on one connection, so that they come in the same turn of the event loop.
    const socket = createConnection(proxy.port, '127.0.0.1');
    const requests = ['keep-alive', 'keep-alive', 'close'].map((connection) => {
      const body = JSON.stringify({ digest: randomDigest() });
      const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\ncontent-type: application/json`;
      return `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    });
    socket.write(requests.join(''));
    const answers = (await text(socket)).split('HTTP/1.1 503');
    const told = answers.flatMap((answer) => /"requestId":"([^"]+)"/.exec(answer)?.[1] ?? []);
    expect(told).toHaveLength(3);
    const [call] = proxy.anchord.callsTo('/digests').slice(-1);
    const logged = proxy.logLines
      .map((line) => JSON.parse(line))
      .find(({ requestId }) => requestId === call!.requestId);
    expect(logged).toMatchObject({ level: 40, requestId: told[0], requestIds: told, code: 'overloaded' });
  });

  test('its refusal is handed on as it came, with the id of this request', async () => {
    proxy.anchord.override = (_req, res) => {
      answerProblem(res, new ChronosError('overloaded', 'this window is full', { retryAfterSeconds: 17 }));
    };
    const answer = await proxy.post(PATH, { digest: randomDigest() });
    expect(answer.headers['retry-after']).toBe('17');
    expect(problemIn(answer)).toMatchObject({ status: 503, code: 'overloaded', detail: 'this window is full' });
  });

  test.each<[string, number, string]>([
    ['a page of somebody else', 502, '<html>Bad gateway</html>'],
    ['nothing', 500, ''],
    ['a redirect', 302, ''],
    ['a problem that nobody knows', 418, '{"code":"teapot"}'],
  ])('%s in place of an answer is 503', async (_, status, body) => {
    proxy.anchord.override = (_req, res) => res.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
    expect(problemIn(await proxy.post(PATH, { digest: randomDigest() }))).toMatchObject({
      code: 'backend_unavailable',
    });
  });

  test('a wrong token is 503 to clients, and told in the log without the token', async () => {
    const stranger = await TestProxy.start();
    stranger.anchord.token = 'another-token-of-32-characters-or-more';
    expect(problemIn(await stranger.post(PATH, { digest: randomDigest() })).code).toBe('backend_unavailable');
    expect(stranger.logLines.join('')).toContain('do the tokens differ?');
    expect(stranger.logLines.join('')).not.toContain(TEST_TOKEN);
    await stranger.close();
  });

  test('a token that was changed is read from its file when anchord refuses the one before, and nobody notices', async () => {
    const pair = await TestProxy.start();
    const changed = 'a-new-token-of-32-characters-or-more';
    pair.anchord.token = changed;
    pair.writeToken(`${changed}\n${TEST_TOKEN}`);
    const answers = await Promise.all(Array.from({ length: 5 }, () => pair.post(PATH, { digest: randomDigest() })));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    pair.anchord.token = 'one-that-the-proxy-was-not-given-yet';
    pair.writeToken('short');
    expect(problemIn(await pair.post(PATH, { digest: randomDigest() })).code).toBe('backend_unavailable');
    const log = pair.logLines.join('');
    expect(log).toContain('the token was not read again');
    for (const secret of [changed, TEST_TOKEN, 'short\n']) expect(log).not.toContain(secret);
    pair.writeToken(pair.anchord.token);
    expect((await pair.post(PATH, { digest: randomDigest() })).status).toBe(202);
    await pair.close();
  });

  test('an answer of the wrong length is 500 without detail, and logged with the request id', async () => {
    proxy.anchord.override = (_req, res) => res.end('short');
    const problem = problemIn(await proxy.post(PATH, { digest: randomDigest() }));
    expect(problem).toMatchObject({ status: 500, code: 'internal_error' });
    expect(JSON.stringify(problem)).not.toMatch(/bytes|short|receipts/);
    const logged = proxy.logLines
      .map((line) => JSON.parse(line))
      .find(({ requestId }) => requestId === problem.requestId);
    expect(logged).toMatchObject({ level: 50, err: { message: expect.stringContaining('5 bytes of receipts') } });
  });

  test('while it is away clients get 503 and when to come again, and later they are served', async () => {
    const lonely = await TestProxy.start();
    const anchordPort = Number(new URL(lonely.anchord.url).port);
    await lonely.anchord.stop();
    const digest = randomDigest();
    expect(problemIn(await lonely.post(PATH, { digest }))).toMatchObject({ code: 'backend_unavailable' });
    await lonely.anchord.start(anchordPort);
    itemsIn(await lonely.post(PATH, { digest }));
    await lonely.close();
  });

  test('when it hangs clients get 503, not silence', async () => {
    const patient = await TestProxy.start({}, { callTimeoutMs: 100 });
    patient.anchord.override = () => {
      // no answer ever
    };
    const problem = problemIn(await patient.post(PATH, { digest: randomDigest() }));
    expect(problem).toMatchObject({ code: 'backend_unavailable' });
    await patient.close();
  });

  test('beyond what may wait clients get 503, and those who waited are served', async () => {
    const { opened, open } = gate();
    const busy = await TestProxy.start({}, { waitingSubmissions: 5 });
    busy.anchord.gate = opened;
    const onTheWay = [];
    for (let i = 0; i < 2; i++) {
      const called = busy.anchord.nextCall('/digests');
      onTheWay.push(busy.post(PATH, { digest: randomDigest() }));
      await called;
    }
    const six = Array.from({ length: 6 }, randomDigest);
    expect(problemIn(await busy.post(PATH, { digests: six }))).toMatchObject({ code: 'overloaded' });
    const waiting = busy.post(PATH, { digests: six.slice(1) });
    open();
    for (const answer of [...onTheWay, waiting]) itemsIn(await answer);
    await busy.close();
  });

  test('a client that goes away while it sends leaves nothing behind', async () => {
    const stored = await forwarded(async () => {
      const socket = createConnection(proxy.port, '127.0.0.1');
      socket.write(
        `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 77\r\n\r\n{"dig`,
      );
      await once(socket, 'connect');
      socket.destroy();
      await once(socket, 'close');
      await proxy.get('/healthz');
    });
    expect(stored).toEqual([]);
    expect(proxy.logLines.filter((line) => line.includes('request failed') && line.includes('ClientGone'))).toEqual([]);
  });
});
