import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ChronosClient, toHex } from '@chronos/shared';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';

// A network that has switched native transactions off, as Zilliqa's mainnet did in July 2026, beside an EVM chain that works.

const TIME_LIMIT_MS = 120_000;

let temporary: ReturnType<typeof temporaryFolder>;
let service: LocalService;

beforeAll(async () => {
  temporary = temporaryFolder();
  const settings = { CHRONOS_OPTIONAL_CHAINS: 'scilla' };
  service = await startService(join(temporary.folder, 'data'), await freePorts(), ['evm', 'scilla'], settings);
}, TIME_LIMIT_MS);

afterAll(async () => {
  await service.stop();
  temporary.remove();
}, TIME_LIMIT_MS);

async function onNative(method: string, ...params: unknown[]): Promise<unknown> {
  const response = await fetch(service.chains.find(({ kind }) => kind === 'scilla')!.rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return ((await response.json()) as { result?: unknown }).result;
}

test(
  'collecting and the other chain go on, the status says why the native one does not, and it catches up when it is switched on',
  async () => {
    const client = new ChronosClient({ baseUrl: service.url });
    const anchorCount = async () => {
      const { contract } = service.chains.find(({ kind }) => kind === 'scilla')!;
      const state = await onNative('GetSmartContractSubState', contract.replace(/^0x/, ''), 'anchor_count', []);
      return Number((state as { anchor_count: string }).anchor_count);
    };
    await onNative('devnet_fault', {
      kind: 'refuse',
      code: -32,
      message: 'CreateTransaction is disabled',
      count: 'always',
    });

    const digests = Array.from({ length: 3 }, () => toHex(randomBytes(32)));
    await client.submit(digests);
    for (const digest of digests) {
      const { proof, complete } = await client.proof(digest, { waitSeconds: 60 });
      expect(complete).toBe(true);
      expect(proof.anchors.map(({ type }) => type)).toEqual(['zilliqa-evm']);
    }
    const stateOf = async () => (await client.status()).chains.find(({ type }) => type === 'zilliqa-scilla');
    expect(await stateOf()).toMatchObject({
      state: 'stopped',
      detail: expect.stringContaining('this network takes no native transactions'),
    });
    expect(await anchorCount()).toBe(0);

    await onNative('devnet_clearFaults');
    // anchord tries again by itself, with pauses of up to a minute. Nothing else tells that it has, so it is asked.
    while ((await anchorCount()) === 0 || (await stateOf())?.state !== 'ok') await setTimeout(500);
    expect(await anchorCount()).toBe(1);
    // The proof that was complete before is the same.
    expect((await client.proof(digests[0]!)).proof.anchors.map(({ type }) => type)).toEqual(['zilliqa-evm']);
  },
  TIME_LIMIT_MS,
);
