import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ChronosClient } from '@chronos/shared';
import type { AdminStatus } from '../../packages/anchord/dist/http/admin-status.js';
import { readChain } from './kill/chain-events.js';
import { rpc, setBlocksEvery } from './support/rpc.js';
import { anchord, type Ran } from './support/run.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';

// `anchord admin` over a chain that anchors: what it changes is seen in the contract's events and in what was paid.

const TIME_LIMIT_MS = 120_000;
const temporary = temporaryFolder();

let service: LocalService;
let client: ChronosClient;

beforeAll(async () => {
  // Windows end when the operator says so.
  service = await startService(join(temporary.folder, 'data'), await freePorts(), ['evm'], {}, 3600);
  client = new ChronosClient({ baseUrl: service.url });
}, TIME_LIMIT_MS);

afterAll(async () => {
  await service.stop();
  temporary.remove();
}, TIME_LIMIT_MS);

const admin = (...args: string[]): Promise<Ran> => anchord(service.anchordEnv, 'admin', ...args);

async function adminJson(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await admin(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function anchoring(): Promise<AdminStatus['anchoring'][number]> {
  const [chain] = (await adminJson('status'))['anchoring'] as AdminStatus['anchoring'];
  return chain!;
}

/** A window with digests in it, which the operator ends. */
async function closedWindow(): Promise<number> {
  const { items } = await client.submit([randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]);
  const { id } = items[0]!.window;
  expect(await adminJson('close-window')).toEqual({ ended: id });
  while ((await client.window(id)).status === 'open') await setTimeout(50);
  return id;
}

/** The transactions, one for each window, that have anchored these. */
async function untilFinal(ids: readonly number[]): Promise<string[]> {
  const transactions = [];
  for (const id of ids) {
    for (;;) {
      const { status, anchors } = await client.window(id);
      if (status === 'final') {
        transactions.push(...anchors.map(({ transaction }) => transaction));
        break;
      }
      await setTimeout(100);
    }
  }
  return transactions;
}

const onChain = () => readChain(service.chains[0]!);

test(
  'while it is paused windows close and wait, also over a restart; then one transaction anchors them all',
  async () => {
    expect(await adminJson('pause')).toEqual({ paused: ['eip155:31337'] });
    const ids = [await closedWindow(), await closedWindow()];
    await service.anchord.stop();
    await service.restartAnchord();
    ids.push(await closedWindow());
    expect(await anchoring()).toMatchObject({ state: 'waiting', paused: true, unanchored: 3, attempts: [] });
    const { stdout } = await admin('status');
    expect(stdout).toMatch(/^eip155:31337: waiting, paused$/m);
    expect(stdout).toMatch(/^ +unanchored +3 windows$/m);
    expect(await onChain()).toEqual({ events: [], paid: 0 });

    expect(await adminJson('resume')).toEqual({ resumed: ['eip155:31337'] });
    const transactions = await untilFinal(ids);
    expect(new Set(transactions).size).toBe(1);
    const { events, paid } = await onChain();
    expect(events.map(({ window }) => window)).toEqual(ids);
    expect(paid).toBe(1);
    expect(await anchoring()).toMatchObject({ state: 'ok', paused: false, unanchored: 0, attempts: [] });
  },
  TIME_LIMIT_MS,
);

test(
  'bump replaces a transaction that waits in the pool by a dearer one, and its window is paid for once',
  async () => {
    const before = await onChain();
    await setBlocksEvery(service.rpcUrl, 0);
    const id = await closedWindow();
    let [pending] = (await anchoring()).attempts;
    while (pending?.state !== 'broadcast') [pending] = (await anchoring()).attempts;
    expect(pending.windows).toEqual([id]);

    const bumped = await adminJson('bump', pending.transaction);
    expect(bumped).toMatchObject({ result: 'replaced', replaced: pending.transaction, nonce: pending.nonce });
    const dearer = String(bumped['transaction']);
    expect(Number(bumped['costZil'])).toBeGreaterThan(Number(pending.costZil));
    expect(await admin('bump', pending.transaction)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('was replaced already'),
    });
    expect(await adminJson('backup', join(temporary.folder, 'pending.db'))).toMatchObject({
      anchors: before.events.length,
      attempts: before.paid + 2,
    });
    const { pending: pool } = await rpc<{ pending: Record<string, Record<string, { hash: string }>> }>(
      service.rpcUrl,
      'txpool_content',
    );
    const waiting = Object.values(pool).flatMap((byNonce) => Object.values(byNonce).map(({ hash }) => hash));
    expect(waiting).toEqual([dearer]);

    await setBlocksEvery(service.rpcUrl, 1);
    expect(await untilFinal([id])).toEqual([dearer]);
    const { events, paid } = await onChain();
    expect(events.slice(before.events.length)).toMatchObject([{ window: id, transaction: dearer }]);
    expect(paid).toBe(before.paid + 1);
    expect(await admin('bump')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('no transaction is pending'),
    });
  },
  TIME_LIMIT_MS,
);
