import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { problemSchema } from '@chronos/shared';
import { type Context, createContext } from '../context.js';
import { createLogger } from '../logger.js';
import { storeFileIn } from '../store/store.js';
import { CHAIN } from '../test-support/anchoring-bench.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { scriptedChain } from '../test-support/scripted-chain.js';
import { admit, randomDigests } from '../test-support/services.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { tokensIn } from '../test-support/tokens.js';
import { backupStore } from '../upkeep/backup.js';
import { createAdminApi } from './admin-api.js';
import type { AdminStatus } from './admin-status.js';

const TOKEN = 'the-token-of-the-operator-long-enough';
const PRIVATE_TOKEN = 'the-token-of-the-proxies-long-enough';
const WINDOW = 1_795_171_200;

let temporary: ReturnType<typeof temporaryFolder>;
let context: Context;
let server: Server;
let lines: string[];

beforeEach(async () => {
  temporary = temporaryFolder();
  lines = [];
  const clock = new FakeClock(WINDOW * 1000 + 3_000);
  const dataDir = join(temporary.folder, 'data');
  context = await createContext({
    ...{ dataDir, clock, logger: createLogger('silent'), version: '1.2.3' },
    ...{ windowSeconds: 10, maxWindowDigests: 1_000_000, reserveBytes: 0, chains: [scriptedChain()] },
    onFailure: (error) => {
      throw error;
    },
  });
  const tokens = {
    private: tokensIn(temporary.folder, 'private.token', PRIVATE_TOKEN),
    admin: tokensIn(temporary.folder, 'admin.token', TOKEN),
  };
  const api = createAdminApi({
    ...{
      ...context,
      tokens,
      chains: context.anchorers,
      logger: pino({}, { write: (line: string) => void lines.push(line) }),
    },
    backup: ({ file, replace }) =>
      backupStore({ storeFile: storeFileIn(dataDir), target: file, force: replace, clock }),
  });
  server = createServer(api).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  await context.close();
  temporary.remove();
});

function send(method: string, path: string, { body, token = TOKEN, headers = {} }: Sent = {}): Promise<Response> {
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, {
    ...{ method, headers: { ...headers, authorization: `Bearer ${token}` } },
    ...(body === undefined ? {} : { body }),
  });
}
interface Sent {
  body?: string;
  token?: string;
  headers?: Record<string, string>;
}

async function change(path: string, wish: object = {}): Promise<unknown> {
  const response = await send('POST', path, { body: JSON.stringify(wish) });
  expect(response.status).toBe(200);
  return response.json();
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { status, code, detail, requestId } = problemSchema.parse(await response.json());
  expect(response.headers.get('x-request-id')).toBe(requestId);
  return { status, code, detail };
}

const logged = () => lines.map((line) => JSON.parse(line));

describe('the admin API', () => {
  test('has a token of its own: the private one does not open it', async () => {
    expect(await problemOf(await send('GET', '/status', { token: PRIVATE_TOKEN }))).toMatchObject({
      code: 'unauthorized',
    });
    expect((await send('GET', '/health')).status).toBe(200);
  });

  test('tells what waits, and how each chain does', async () => {
    await admit(context, randomDigests(3));
    const status = (await (await send('GET', '/status')).json()) as AdminStatus;
    expect(status).toMatchObject({
      window: { id: WINDOW, digests: 3 },
      waitingDigests: 0,
      store: { state: 'ok' },
      tokensAccepted: { private: 1, admin: 1 },
      anchoring: [
        { chain: CHAIN, required: true, account: '0xACC0', state: 'ok', paused: false, attempts: [], unanchored: 0 },
      ],
    });
  });

  test('pauses and resumes anchoring, all of it or of a chain', async () => {
    const [{ anchorer }] = context.anchorers as [Context['anchorers'][number]];
    expect(await change('/pause')).toEqual({ paused: [CHAIN] });
    expect(anchorer.state()).toMatchObject({ paused: true, state: 'waiting' });
    expect(await (await send('GET', '/health')).json()).toMatchObject({ chains: [{ paused: true }] });
    expect(await change('/resume', { chain: CHAIN })).toEqual({ resumed: [CHAIN] });
    expect(anchorer.state().paused).toBe(false);
    const nowhere = await send('POST', '/pause', { body: '{"chain":"eip155:1"}' });
    expect(await problemOf(nowhere)).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining(CHAIN) });
    expect(anchorer.state().paused).toBe(false);
  });

  test('ends the open window', async () => {
    expect(await change('/close-window')).toEqual({ ended: null });
    await admit(context, randomDigests(1));
    expect(await change('/close-window')).toEqual({ ended: WINDOW });
  });

  test('says why there is nothing to bump', async () => {
    expect(await change('/bump')).toMatchObject({ chain: CHAIN, result: 'refused', reason: 'nothing_pending' });
  });

  test('backs the store up into a file, and overwrites none unless told to', async () => {
    await admit(context, randomDigests(5));
    const file = join(temporary.folder, 'backup.db');
    expect(await change('/backup', { file })).toMatchObject({ file, digests: 5 });
    expect(existsSync(file)).toBe(true);
    const again = await send('POST', '/backup', { body: JSON.stringify({ file }) });
    expect(await problemOf(again)).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('there already'),
    });
    expect(await change('/backup', { file, replace: true })).toMatchObject({ digests: 5 });
  });

  test('changes tokens, its own too, without refusing who has the one before', async () => {
    expect(await change('/rotate', { token: 'admin', step: 'begin' })).toEqual({ token: 'admin', accepted: 2 });
    expect(await change('/rotate', { token: 'admin', step: 'finish' })).toEqual({ token: 'admin', accepted: 1 });
    expect(await problemOf(await send('GET', '/status'))).toMatchObject({ code: 'unauthorized' });
    expect(lines.join('')).not.toContain(TOKEN);
  });

  test.each([
    ['/pause', '{"chains":"all"}', 'invalid_request'],
    ['/pause', '[]', 'invalid_request'],
    ['/pause', '{', 'invalid_json'],
    ['/close-window', '{"now":true}', 'invalid_request'],
    ['/bump', '{"transaction":"latest"}', 'invalid_request'],
    ['/backup', '{"file":"backup.db"}', 'invalid_request'],
    ['/rotate', '{"token":"wallet","step":"begin"}', 'invalid_request'],
    ['/rotate', '{"token":"private"}', 'invalid_request'],
    ['/pause', `"${'x'.repeat(20_000)}"`, 'request_too_large'],
  ])('POST %s refuses %.40s', async (path, body, code) => {
    expect(await problemOf(await send('POST', path, { body }))).toMatchObject({ code });
    expect(context.anchorers[0]!.anchorer.state().paused).toBe(false);
  });

  test('knows no other path', async () => {
    expect(await problemOf(await send('GET', '/nothing'))).toMatchObject({ code: 'not_found' });
    expect(await problemOf(await send('GET', '/pause'))).toMatchObject({ code: 'not_found' });
  });

  test('every change, and every one that was refused, is in the log with who wanted it and what', async () => {
    const headers = { 'x-request-id': 'wish-1' };
    await send('POST', '/pause', { body: JSON.stringify({ chain: CHAIN }), headers });
    await send('POST', '/pause', { body: '{"chain":"eip155:1"}' });
    await send('GET', '/status');
    expect(logged()).toMatchObject([
      { action: 'pause', requestId: 'wish-1', remote: '127.0.0.1', wish: { chain: CHAIN }, done: { paused: [CHAIN] } },
      { level: 40, action: 'pause', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), wish: { chain: 'eip155:1' } },
    ]);
  });
});
