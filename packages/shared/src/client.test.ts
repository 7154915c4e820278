import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ChronosClient } from './client.js';
import { ChronosError, ERRORS } from './errors.js';
import { html, json, LocalServer } from './fixtures/server.js';
import {
  consistencyReplyExample,
  digestExample,
  latestAnchorReplyExample,
  pendingProofExample,
  proofExample,
  proofsReplyExample,
  statusReplyExample,
  submitReplyExample,
  timestampReplyExample,
  verifyReplyExample,
  windowExample,
  windowsReplyExample,
} from './openapi-examples.js';
import { problemOf } from './problem.js';

const server = new LocalServer();
let client: ChronosClient;
beforeAll(async () => {
  await server.start();
  client = new ChronosClient({ baseUrl: `${server.url}/` });
});
afterAll(() => server.close());
beforeEach(() => void server.seen.splice(0));

function answer(body: unknown, status = 200, headers: Record<string, string> = {}) {
  server.handler = (_, response) => json(response, body, status, headers);
}

async function refusal(request: () => Promise<unknown> = () => client.status()): Promise<ChronosError> {
  const error = await request().then(
    () => new Error('it was answered'),
    (cause: unknown) => cause,
  );
  if (error instanceof ChronosError) return error;
  throw error;
}

describe('every method sends what the API wants and gives what it answers', () => {
  test.each<[string, () => Promise<unknown>, string, unknown, unknown]>([
    [
      'submit',
      () => client.submit([digestExample]),
      'POST /api/v1/timestamps',
      submitReplyExample,
      { digests: [digestExample] },
    ],
    [
      'timestamp',
      () => client.timestamp(digestExample),
      `GET /api/v1/timestamps/${digestExample}`,
      timestampReplyExample,
      undefined,
    ],
    [
      'proofs',
      () => client.proofs([digestExample]),
      'POST /api/v1/proofs',
      proofsReplyExample,
      { digests: [digestExample] },
    ],
    [
      'verify',
      () => client.verify(digestExample, proofExample),
      'POST /api/v1/verify',
      verifyReplyExample,
      { digest: digestExample, proof: proofExample },
    ],
    ['windows', () => client.windows(), 'GET /api/v1/windows', windowsReplyExample, undefined],
    [
      'windows, a page of them',
      () => client.windows({ limit: 5, before: 7 }),
      'GET /api/v1/windows?limit=5&before=7',
      windowsReplyExample,
      undefined,
    ],
    ['window', () => client.window(1795171560), 'GET /api/v1/windows/1795171560', windowExample, undefined],
    ['latestAnchor', () => client.latestAnchor(), 'GET /api/v1/anchors/latest', latestAnchorReplyExample, undefined],
    [
      'consistency',
      () => client.consistency(12, 13),
      'GET /api/v1/consistency?from=12&to=13',
      consistencyReplyExample,
      undefined,
    ],
    ['status', () => client.status(), 'GET /api/v1/status', statusReplyExample, undefined],
  ])('%s', async (_, request, line, reply, body) => {
    answer(reply);
    expect(await request()).toEqual(reply);
    const [seen] = server.seen;
    expect(`${seen!.method} ${seen!.url}`).toBe(line);
    expect(seen!.headers.accept).toBe('application/json');
    expect(seen!.headers['content-type']).toBe(body === undefined ? undefined : 'application/json');
    expect(seen!.body).toBe(body === undefined ? '' : JSON.stringify(body));
  });

  test('proof, complete', async () => {
    answer(proofExample);
    expect(await client.proof(digestExample)).toEqual({ proof: proofExample, complete: true });
    expect(server.seen[0]!.url).toBe(`/api/v1/proofs/${digestExample}`);
  });

  test('proof, waited for and still incomplete', async () => {
    answer(pendingProofExample, 202, { 'retry-after': '5' });
    expect(await client.proof(digestExample, { waitSeconds: 60 })).toEqual({
      proof: pendingProofExample,
      complete: false,
      retryAfterSeconds: 5,
    });
    expect(server.seen[0]!.url).toBe(`/api/v1/proofs/${digestExample}?wait=60`);
  });

  test('what a later service adds to its replies is kept', async () => {
    answer({ ...statusReplyExample, mood: 'good' });
    expect(await client.status()).toMatchObject({ mood: 'good' });
  });

  test('a digest cannot lead to another path', async () => {
    answer(timestampReplyExample);
    await client.timestamp('../windows?x');
    expect(server.seen[0]!.url).toBe('/api/v1/timestamps/..%2Fwindows%3Fx');
  });
});

describe("the service's problems", () => {
  const travelling = Object.entries(ERRORS).filter(([, { status }]) => status !== 0);

  test.each(travelling)('%s is thrown with its code, message and request id', async (code, { status }) => {
    const problem = problemOf(new ChronosError(code as keyof typeof ERRORS, 'why, and what to do'), 'r-1');
    server.handler = (_, response) =>
      response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    expect(await refusal()).toMatchObject({
      code,
      status,
      message: 'why, and what to do',
      details: { requestId: 'r-1' },
    });
  });

  test('tell the field, the index and when to come again', async () => {
    const error = new ChronosError('invalid_digest', 'no', { field: 'digests', index: 3 });
    answer(problemOf(error, 'r-2'), 400);
    expect((await refusal()).details).toEqual({ requestId: 'r-2', field: 'digests', index: 3 });
    answer(problemOf(new ChronosError('rate_limited', 'slow down'), 'r-3'), 429, { 'retry-after': '7' });
    expect((await refusal()).details).toEqual({ requestId: 'r-3', retryAfterSeconds: 7 });
  });

  test.each(['soon', '-1', '1.5', 'Fri, 20 Nov 2026 10:00:00 GMT', ''])(
    'a Retry-After of %j is none',
    async (value) => {
      answer(problemOf(new ChronosError('overloaded', 'no'), 'r'), 503, { 'retry-after': value });
      expect((await refusal()).details.retryAfterSeconds).toBeUndefined();
    },
  );

  test('of a code that this program does not know are service_unreachable', async () => {
    answer({ ...problemOf(new ChronosError('overloaded', 'no'), 'r'), code: '__proto__' }, 503);
    expect(await refusal()).toMatchObject({
      code: 'service_unreachable',
      message: `the service at ${server.url} answered HTTP 503`,
    });
  });
});

describe('service_unreachable is', () => {
  const said = (what: string) => ({ code: 'service_unreachable', message: `the service at ${server.url} ${what}` });

  test('a page of HTML', async () => {
    server.handler = (_, response) => html(response, 200);
    expect(await refusal()).toMatchObject(said('answered something that is not JSON'));
    server.handler = (_, response) => html(response, 502);
    expect(await refusal()).toMatchObject(said('answered HTTP 502 and something that is not JSON'));
  });

  test('a reply of another shape', async () => {
    answer({ items: [{ ...submitReplyExample.items[0], status: 'perhaps' }] });
    expect(await refusal(() => client.submit([digestExample]))).toMatchObject(
      said('answered something that this program does not understand'),
    );
    answer({ ...proofExample, salt: 'x' });
    expect(await refusal(() => client.proof(digestExample))).toMatchObject({ code: 'service_unreachable' });
  });

  test('silence', async () => {
    server.handler = () => undefined;
    const hasty = new ChronosClient({ baseUrl: server.url, timeoutMs: 50 });
    expect(await refusal(() => hasty.status())).toMatchObject(said('gave no answer within 50 ms'));
  });

  test('an answer cut short', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"version":', () => response.destroy());
    };
    expect((await refusal()).message).toMatch(/broke its answer off/);
  });

  test('nobody there', async () => {
    const gone = await new LocalServer().start();
    const { url } = gone;
    await gone.close();
    const lost = new ChronosClient({ baseUrl: url });
    expect(await refusal(() => lost.status())).toMatchObject({
      code: 'service_unreachable',
      message: `the service at ${url} cannot be reached (ECONNREFUSED)`,
    });
  });
});

test('waiting for a proof is not counted as silence', async () => {
  const timer = jest.spyOn(globalThis, 'setTimeout');
  answer(pendingProofExample, 202);
  const patient = new ChronosClient({ baseUrl: server.url, timeoutMs: 5_000 });
  await patient.proof(digestExample, { waitSeconds: 60 });
  await patient.proof(digestExample);
  // What HTTP itself sets timers for is less than the client's own.
  const periods = timer.mock.calls.map(([, periodMs]) => periodMs ?? 0);
  expect(periods.filter((periodMs) => periodMs >= 5_000)).toEqual([65_000, 5_000]);
  timer.mockRestore();
});

test('a password in the address is sent and never shown', async () => {
  server.handler = (_, response) => html(response, 500);
  const address = `http://user:geheim@${server.host}`;
  const error = await refusal(() => new ChronosClient({ baseUrl: address }).status());
  expect(error.message).not.toContain('geheim');
  expect(server.seen[0]!.headers.authorization).toBe(`Basic ${btoa('user:geheim')}`);
});

test('the service may stand below a path', async () => {
  answer(statusReplyExample);
  await new ChronosClient({ baseUrl: `${server.url}/chronos//` }).status();
  expect(server.seen[0]!.url).toBe('/chronos/api/v1/status');
});

test('an address that is none is told at once', () => {
  expect(() => new ChronosClient({ baseUrl: 'chronos.example' })).toThrow(/not a URL/);
});
