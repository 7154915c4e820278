import { randomBytes } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ANCHORED_TOPIC, chainReaders, ChronosClient, type Proof, proofSchema, verifyProof } from '@chronos/shared';
import { type Anvil, startAnvil } from '../../packages/anchord/dist/test-support/anvil.js';
import { type AnchordProcess, startAnchord } from './support/anchord-process.js';
import { run } from './support/run.js';
import { freePorts, ROOT, startService, temporaryFolder } from './support/service.js';

// The wallet's key is changed as docs/operations.md says, with the operator's commands, while digests come in all the time.

const TIME_LIMIT_MS = 120_000;
const CHAIN = 'eip155:31337';
const FUNDS = `0x${(10n ** 20n).toString(16)}`;

const temporary = temporaryFolder();
afterAll(() => {
  temporary.remove();
});

/** A command of anchord's, which has to succeed. */
async function anchordCommand<T>(args: readonly string[], env: Record<string, string>): Promise<T> {
  const command = [join(ROOT, 'packages', 'anchord', 'bin', 'anchord.js'), ...args, '--json'];
  const { code, stdout, stderr } = await run(process.execPath, command, { env });
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(100);
}

describe('on the EVM', () => {
  let anvil: Anvil;
  let anchord: AnchordProcess | undefined;
  /** What all that runs is told now. */
  let settings: Record<string, string>;
  /** Of the digests that were acknowledged, 32 bytes each. */
  const acknowledged: Buffer[] = [];
  let loading = true;
  let load: Promise<void>;
  let running = true;
  /** No block takes a transaction in. */
  let holding = false;
  let blocks: Promise<void>;

  beforeAll(async () => {
    anvil = await startAnvil();
    blocks = makeBlocks();
    settings = { CHRONOS_NETWORK: 'local', CHRONOS_EVM_RPC_URLS: anvil.url };
    await useNewKey('first.key');
    await deploy();
    anchord = await startAnchord({ folder: temporary.folder, settings });
    load = sendDigests();
  }, TIME_LIMIT_MS);

  afterAll(async () => {
    loading = false;
    await load;
    await stop();
    running = false;
    await blocks;
    await anvil.stop();
  }, TIME_LIMIT_MS);

  async function sendDigests(): Promise<void> {
    while (loading) {
      await setTimeout(100);
      if (anchord === undefined) continue;
      const digests = randomBytes(64);
      try {
        const { status } = await anchord.submit(digests);
        if (status === 200) acknowledged.push(digests.subarray(0, 32), digests.subarray(32));
      } catch {
        continue; // it stops: what was not acknowledged is not asked for
      }
    }
  }

  async function makeBlocks(): Promise<void> {
    while (running) {
      await setTimeout(200);
      if (!holding || !(await isPending())) await anvil.mine();
    }
  }

  /** Whether a transaction waits in the pool. */
  async function isPending(): Promise<boolean> {
    return ((await anvil.rpc('txpool_status')) as { pending: string }).pending !== '0x0';
  }

  async function useNewKey(name: string): Promise<string> {
    const made = ['wallet', 'new', join(temporary.folder, name), '--plain'];
    const { file, evm } = await anchordCommand<{ file: string; evm: { address: string } }>(made, {});
    await anvil.rpc('anvil_setBalance', evm.address, FUNDS);
    settings = { ...settings, CHRONOS_WALLET_FILE: file };
    return evm.address;
  }

  async function deploy(): Promise<void> {
    const { address } = await anchordCommand<{ address: string }>(['deploy-contract'], settings);
    settings = { ...settings, CHRONOS_EVM_CONTRACT: address };
  }

  async function stop(): Promise<void> {
    const stopping = anchord;
    anchord = undefined;
    stopping?.kill('SIGTERM');
    await stopping?.ended;
  }

  async function anchoring(): Promise<{ pendingAttempts: number; account: string }> {
    const { json } = await anchord!.admin('/status');
    return (json['anchoring'] as [{ pendingAttempts: number; account: string }])[0];
  }

  /** Ends anchord while a transaction of its waits in the pool, and lets that into a block afterwards. */
  async function stopWhilePending(): Promise<void> {
    holding = true;
    await until(isPending);
    await stop();
    holding = false;
  }

  async function isFinal(digest: Buffer): Promise<boolean> {
    return (await anchord!.proofs(digest))[0]!.status === 'final';
  }

  /** Each root is on the chain once, in whichever contract, and the roots of these proofs are among them. */
  async function expectOnce(proofs: readonly Proof[]): Promise<void> {
    const filter = { fromBlock: '0x0', toBlock: 'latest', topics: [ANCHORED_TOPIC] };
    const logs = (await anvil.rpc('eth_getLogs', filter)) as { topics: string[] }[];
    const roots = logs.map(({ topics }) => topics[2]!.slice(2));
    expect(new Set(roots).size).toBe(roots.length);
    expect(roots).toEqual(expect.arrayContaining([...new Set(proofs.map(({ inclusion }) => inclusion!.root))]));
  }

  /** The proofs of all that was acknowledged, each of which holds on the chain. */
  async function verifiedProofs(digests: readonly Buffer[]): Promise<Proof[]> {
    await until(() => isFinal(digests.at(-1)!));
    const items = await anchord!.proofs(Buffer.concat(digests));
    const readers = chainReaders(CHAIN, [anvil.url]);
    const proofs = items.map(({ json }) => proofSchema.parse(JSON.parse(Buffer.from(json).toString())));
    const outcomes = await Promise.all(proofs.map((proof, at) => verifyProof(digests[at]!, proof, () => readers)));
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set(['ok']));
    return proofs;
  }

  const contractOf = ({ anchors }: Proof) => anchors[0]!.contract;

  test(
    'the contract goes to a new key while a transaction of the old one is on its way: each root is on the chain once, all proofs hold',
    async () => {
      await until(async () => acknowledged.length > 0 && (await isFinal(acknowledged[0]!)));
      const oldKey = settings;
      const old = (await anchoring()).account;
      const account = await useNewKey('second.key');

      expect((await anchord!.admin('/pause', 'POST')).status).toBe(200);
      await until(async () => (await anchoring()).pendingAttempts === 0);
      const offered = await anchordCommand(['transfer-ownership', account], oldKey);
      expect(offered).toMatchObject({ owner: old.toLowerCase(), pendingOwner: account.toLowerCase() });
      expect((await anchord!.admin('/resume', 'POST')).status).toBe(200);
      await stopWhilePending();
      expect(await anchordCommand(['accept-ownership'], settings)).toMatchObject({ owner: account.toLowerCase() });

      anchord = await startAnchord({ folder: temporary.folder, settings });
      const before = acknowledged.length;
      await until(async () => acknowledged.length > before + 10);
      const digests = [...acknowledged];
      const proofs = await verifiedProofs(digests);
      expect((await anchoring()).account).toBe(account);
      await expectOnce(proofs);
      expect(new Set(proofs.map(contractOf))).toEqual(new Set([settings['CHRONOS_EVM_CONTRACT']!.toLowerCase()]));
      const senders = await Promise.all(
        proofs.map(({ anchors }) => anvil.rpc('eth_getTransactionByHash', anchors[0]!.transaction)),
      );
      expect(new Set(senders.map((sent) => (sent as { from: string }).from))).toEqual(
        new Set([old.toLowerCase(), account.toLowerCase()]),
      );
    },
    TIME_LIMIT_MS,
  );

  test(
    'the key leaked, and a new contract takes over: nothing is lost, and each proof names the contract that has its root',
    async () => {
      const oldContract = settings['CHRONOS_EVM_CONTRACT']!.toLowerCase();
      await useNewKey('third.key');
      await deploy();
      await stopWhilePending();
      anchord = await startAnchord({ folder: temporary.folder, settings });
      const before = acknowledged.length;
      await until(async () => acknowledged.length > before + 10);
      loading = false;
      await load;
      const proofs = await verifiedProofs(acknowledged);
      await expectOnce(proofs);
      const contracts = [...new Set(proofs.map(contractOf))];
      expect(contracts).toEqual([oldContract, settings['CHRONOS_EVM_CONTRACT']!.toLowerCase()]);

      await stop();
      const store = { ...settings, CHRONOS_DATA_DIR: join(temporary.folder, 'store') };
      expect(await anchordCommand(['fsck'], store)).toMatchObject({ faults: [], notes: [] });
    },
    TIME_LIMIT_MS,
  );
});

describe('on the native side', () => {
  test(
    'the contract goes to a new key, whose account is another there than on the EVM',
    async () => {
      const dataDir = join(temporary.folder, 'native');
      const service = await startService(dataDir, await freePorts(), ['scilla'], {}, 1);
      try {
        const client = new ChronosClient({ baseUrl: service.url });
        const env = service.anchordEnv;
        const newKey = join(temporary.folder, 'native.key');
        const { native } = await anchordCommand<{ native: Record<'address' | 'zilAddress', string> }>(
          ['wallet', 'new', newKey, '--plain'],
          {},
        );
        const fund = { jsonrpc: '2.0', id: 1, method: 'devnet_fund', params: [native.address, String(10n ** 15n)] };
        const headers = { 'content-type': 'application/json' };
        await fetch(service.rpcUrl, { method: 'POST', headers, body: JSON.stringify(fund) });

        await anchordCommand(['transfer-ownership', '--scilla', native.zilAddress], env);
        const accepted = await anchordCommand(['accept-ownership', '--scilla'], {
          ...env,
          CHRONOS_WALLET_FILE: newKey,
        });
        expect(accepted).toMatchObject({ contract: service.contract, owner: native.address });

        await service.anchord.stop();
        copyFileSync(newKey, env['CHRONOS_WALLET_FILE']!);
        await service.restartAnchord();
        const digest = randomBytes(32).toString('hex');
        await client.submit([digest]);
        const { proof } = await client.proof(digest, { waitSeconds: 60 });
        expect(await client.verify(digest, proof)).toMatchObject({ ok: true });
      } finally {
        await service.stop();
      }
    },
    TIME_LIMIT_MS,
  );
});
