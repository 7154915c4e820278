import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeProofItems, MAX_DIGESTS_PER_CALL, problemSchema, readReceipt, RECEIPT_BYTES } from '@chronos/shared';
import type { Context } from '../context.js';
import { createLogger } from '../logger.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { openServices, randomDigests } from '../test-support/services.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { tokensIn } from '../test-support/tokens.js';
import { createPrivateApi } from './private-api.js';

const TOKEN = 'a-token-of-the-private-network-long-enough';

let temporary: ReturnType<typeof temporaryFolder>;
let services: Context;
let server: Server;

beforeEach(async () => {
  temporary = temporaryFolder();
  services = await openServices(temporary.folder, new FakeClock(1_795_171_203_000));
  server = createServer(
    createPrivateApi({
      ...services,
      isAllowed: tokensIn(temporary.folder, 'token', TOKEN).isAllowed,
      logger: createLogger('silent'),
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  await services.close();
  temporary.remove();
});

function ask(path: string, init: RequestInit = {}, token = TOKEN): Promise<Response> {
  const { port } = server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
  return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
}

function post(path: string, body: Buffer): Promise<Response> {
  return ask(path, { method: 'POST', body: new Uint8Array(body) });
}

async function problemIn(response: Response): Promise<{ status: number; code: string; detail: string }> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const { code, detail } = problemSchema.parse(await response.json());
  return { status: response.status, code, detail };
}

describe('the private API', () => {
  test.each(['', 'wrong', `${TOKEN} `, TOKEN.slice(1)])(
    'refuses a caller with the token %j, whatever the path',
    async (token) => {
      for (const path of ['/digests', '/proofs', '/readyz', '/api/v1/status', '/nothing']) {
        const { status, code } = await problemIn(await ask(path, {}, token.trim() === TOKEN ? `x${token}` : token));
        expect({ status, code }).toEqual({ status: 401, code: 'unauthorized' });
      }
      expect(services.views.status().totals.digests).toBe(0);
    },
  );

  test('takes digests in bulk and gives their receipts and proofs in the same order', async () => {
    const digests = randomDigests(500);
    const receipts = new Uint8Array(await (await post('/digests', Buffer.concat(digests))).arrayBuffer());
    expect(receipts.length).toBe(500 * RECEIPT_BYTES);
    const asked = [digests[3]!, Buffer.alloc(32), digests[499]!];
    const items = decodeProofItems(
      new Uint8Array(await (await post('/proofs', Buffer.concat(asked))).arrayBuffer()),
      3,
    );
    expect(items.map(({ status }) => status)).toEqual(['collecting', 'unknown', 'collecting']);
    const proof = JSON.parse(Buffer.from(items[2]!.json).toString()) as { salt: string; digest: { value: string } };
    expect(proof.digest.value).toBe(digests[499]!.toString('hex'));
    expect(proof.salt).toBe(Buffer.from(readReceipt(receipts, 499 * RECEIPT_BYTES).salt).toString('hex'));
  });

  test.each([
    ['nothing', 0],
    ['a part of a digest', 31],
    ['a digest and a byte', 33],
  ])('refuses %s', async (_what, length) => {
    for (const path of ['/digests', '/proofs']) {
      expect(await problemIn(await post(path, Buffer.alloc(length)))).toMatchObject({
        status: 400,
        code: 'invalid_request',
      });
    }
  });

  test('refuses more digests than a call may have', async () => {
    const response = await post('/digests', Buffer.alloc((MAX_DIGESTS_PER_CALL + 1) * 32));
    expect(await problemIn(response)).toMatchObject({ status: 413, code: 'request_too_large' });
  });

  test('holds an answer until the window is final, or the time is up', async () => {
    expect((await ask('/windows/1795171200/final?wait=0')).status).toBe(202);
    expect((await ask('/windows/1795171200/final?wait=1')).status).toBe(202);
    expect(await problemIn(await ask('/windows/x/final'))).toMatchObject({ code: 'invalid_request' });
  });

  test('names the field of a bad query', async () => {
    expect(await problemIn(await ask('/api/v1/windows?limit=0'))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('limit'),
    });
    expect(await problemIn(await ask('/api/v1/consistency?from=1'))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('to'),
    });
  });

  test('knows no other path', async () => {
    expect(await problemIn(await ask('/admin'))).toMatchObject({ status: 404, code: 'not_found' });
  });
});
