import { createHash, randomBytes } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chainReaders, ChronosClient, ChronosError, fromHex, type Proof, verifyProof } from '@chronos/shared';
import { readChain } from './kill/chain-events.js';
import { setBlocksEvery } from './support/rpc.js';
import { anchord } from './support/run.js';
import { type Child, freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';

// A store is backed up while the service runs, lost, restored and looked over, with the real programs and both kinds of chain. The tests look at
// what `beforeAll` has done, one after the other.

const TIME_LIMIT_MS = 180_000;
const WINDOW_SECONDS = 2;
const temporary = temporaryFolder();

let service: LocalService;
/** The process that runs. */
let daemon: Child;
let client: ChronosClient;
/** Of the digests that were stamped last. */
let lastWindow: number;
/** Final when the backup was made. */
let early: string[];
/** Closed and on their way to the chain then, and final in the lost store later. */
let halfway: string[];
/** Acknowledged just before it. */
let last: string[];
/** Acknowledged after it, and final in the lost store. */
let late: string[];
/** Asked for before the loss, of a digest that the restored store does not know. */
let givenOut: Proof;
/** What the restored service answered about `late`, before anybody sent one again. */
let statusOfLate: string[];

const storeFolder = () => service.anchordEnv['CHRONOS_DATA_DIR']!;
const backup = join(temporary.folder, 'backup.db');

async function command(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await anchord(service.anchordEnv, ...args);
  if (code !== 0) throw new Error(`anchord ${args.join(' ')} ended with ${String(code)}:\n${stdout}${stderr}`);
  return stdout;
}

const commandJson = async (...args: string[]) =>
  JSON.parse(await command(...args, '--json')) as Record<string, unknown>;

async function stamp(count: number): Promise<string[]> {
  const digests = Array.from({ length: count }, () => randomBytes(32).toString('hex'));
  const { items } = await client.submit(digests);
  lastWindow = items[0]!.window.id;
  return digests;
}

/** Asks for the window, not for digests: the proxy would keep their proofs. */
async function untilLastWindowIsFinal(): Promise<void> {
  for (;;) {
    const { items } = await client.windows({ limit: 100 });
    if (items.some(({ id, status }) => id === lastWindow && status === 'final')) return;
    await setTimeout(100);
  }
}

async function statusOf(digest: string): Promise<string> {
  try {
    return (await client.timestamp(digest)).status;
  } catch (error) {
    if (error instanceof ChronosError && error.code === 'unknown_digest') return 'unknown';
    throw error;
  }
}

async function until(status: string, digests: readonly string[]): Promise<void> {
  for (const digest of digests) while ((await statusOf(digest)) !== status) await setTimeout(100);
}

const CHAINS = { evm: 'eip155:31337', scilla: 'zilliqa:31337' };

async function verify(digest: string, proof: Proof | null): Promise<string> {
  const readersOf = (chain: string) =>
    service.chains.flatMap(({ kind, rpcUrl }) => (CHAINS[kind] === chain ? chainReaders(chain, [rpcUrl]) : []));
  const outcome = await verifyProof(fromHex(digest), proof, readersOf, (input, output, at) => {
    output.set(createHash('sha256').update(input).digest(), at);
  });
  return outcome.ok ? 'ok' : `${outcome.code}: ${outcome.message}`;
}

const verifyAll = async (digests: readonly string[]) => {
  const { items } = await client.proofs(digests);
  return Promise.all(items.map(({ proof }, i) => verify(digests[i]!, proof)));
};

const allOf = (digests: readonly string[], what: string) => digests.map(() => what);

beforeAll(async () => {
  const settings = ['evm', 'scilla'] as const;
  service = await startService(join(temporary.folder, 'data'), await freePorts(), settings, {}, WINDOW_SECONDS);
  client = new ChronosClient({ baseUrl: service.url });

  early = [...(await stamp(3)), ...(await stamp(40))];
  await until('final', early.slice(-1));
  await setBlocksEvery(service.rpcUrl, 0);
  halfway = await stamp(5);
  await until('anchoring', halfway.slice(-1));
  last = await stamp(7);
  await command('backup', backup);
  await setBlocksEvery(service.rpcUrl, 1);
  late = [...(await stamp(6)), ...(await stamp(1))];
  await untilLastWindowIsFinal();
  givenOut = (await client.proof(late[0]!)).proof;

  await service.anchord.stop('SIGKILL');
  rmSync(storeFolder(), { recursive: true });
  await command('restore', backup);
  await startAnchord();
  statusOfLate = await Promise.all(late.map(statusOf));
  await until('final', [...early, ...halfway, ...last]);
}, TIME_LIMIT_MS);

afterAll(async () => {
  await service.stop();
  temporary.remove();
}, TIME_LIMIT_MS);

async function startAnchord(): Promise<void> {
  daemon = service.startAgain('anchord');
  let ended = false;
  void daemon.exited.then(() => (ended = true));
  for (const part of ['anchord', 'proxy'] as const) {
    while (!(await service.isUp(part).catch(() => false))) {
      if (ended) throw new Error('anchord ended while it started');
      await setTimeout(50);
    }
  }
}

describe('after a store was lost and its backup restored', () => {
  test('digests that were acknowledged before the backup are final, and their proofs hold', async () => {
    const digests = [...early, ...halfway, ...last];
    expect(await verifyAll(digests)).toEqual(allOf(digests, 'ok'));
  });

  test('those after it are unknown, not final; a proof that was given out holds, and the proxy still has it', async () => {
    expect(statusOfLate).toEqual(['final', ...allOf(late.slice(1), 'unknown')]);
    expect(await verify(late[0]!, givenOut)).toBe('ok');
    expect((await client.proof(late[0]!)).proof).toEqual(givenOut);
  });

  test('they can be sent again and become final, in windows that the lost store did not have', async () => {
    const { items } = await client.submit(late);
    expect(items.map(({ status }) => status)).toEqual(allOf(late, 'accepted'));
    expect(Math.min(...items.map(({ window }) => window.id))).toBeGreaterThan(givenOut.window.id);
    lastWindow = items[0]!.window.id;
    await untilLastWindowIsFinal();
    expect(await verifyAll(late)).toEqual(allOf(late, 'ok'));
  });

  test('each root stands on each chain once, and no transaction was paid for that did not anchor', async () => {
    const { items: windows } = await client.windows({ limit: 100 });
    expect(windows.map(({ status }) => status)).toEqual(windows.map(() => 'final'));
    for (const chain of service.chains) {
      const { events, paid } = await readChain(chain);
      const roots = events.map(({ root }) => root);
      const missing = windows.filter(({ root = '' }) => !roots.includes(root));
      expect({ kind: chain.kind, missing }).toEqual({ kind: chain.kind, missing: [] });
      expect(new Set(roots).size).toBe(roots.length);
      expect(paid).toBe(new Set(events.map(({ transaction }) => transaction)).size);
    }
  });

  test('export prints the proofs that the service serves, byte for byte', async () => {
    const printed = await command('export');
    const file = join(temporary.folder, 'export.jsonl');
    await command('export', '-o', file);
    expect(readFileSync(file, 'utf8')).toBe(printed);
    const lines = printed.trimEnd().split('\n');
    const proofs = lines.flatMap((line) => (line.startsWith('{"proof":') ? [line.slice('{"proof":'.length, -1)] : []));
    const exported = new Set<string>();
    for (const text of proofs) {
      const { value } = (JSON.parse(text) as Proof).digest;
      exported.add(value);
      // The proxy has the proof that it gave out before the loss.
      if (value === givenOut.digest.value) continue;
      expect(await (await fetch(`${service.url}/api/v1/proofs/${value}`)).text()).toBe(text);
    }
    for (const digest of [...early, ...halfway, ...last, ...late]) expect(exported).toContain(digest);
  });

  test('fsck with the chains finds no fault, in use and stopped, and tells of the restore', async () => {
    expect(await commandJson('fsck', '--online')).toMatchObject({ faultCount: 0 });
    await daemon.stop();
    const report = await commandJson('fsck');
    expect(report).toMatchObject({
      faultCount: 0,
      notes: expect.arrayContaining([expect.stringContaining('restored')]),
    });
    expect(report).not.toHaveProperty('unchecked');
  });
});

describe('in the store of a stopped anchord', () => {
  let env: Record<string, string>;
  let folder: string;

  beforeAll(async () => {
    await daemon.stop();
    folder = join(temporary.folder, 'damaged');
    env = { ...service.anchordEnv, CHRONOS_DATA_DIR: folder };
  });

  const damageCopy = (file: string, damage: (bytes: Buffer) => void) => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(storeFolder(), folder, { recursive: true });
    const bytes = readFileSync(join(folder, file));
    damage(bytes);
    writeFileSync(join(folder, file), bytes);
  };

  test('a flipped bit of a digest is named by fsck, ends it with code 1, and cannot be mended', async () => {
    damageCopy('chronos.db', (bytes) => {
      const at = bytes.indexOf(Buffer.from(early[10]!, 'hex'));
      expect(at).toBeGreaterThan(0);
      bytes[at + 7]! ^= 0x10;
    });
    const { code, stdout } = await anchord(env, 'fsck');
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/FAULT +windows: window \d+/) });
    expect((await anchord(env, 'fsck', '--fix', '--offline')).code).toBe(1);
  });

  test('a damaged index.db is told and mended', async () => {
    damageCopy('index.db', (bytes) => bytes.fill(0x5a, bytes.length >> 1));
    expect((await anchord(env, 'fsck', '--offline')).code).toBe(1);
    const fixed = await anchord(env, 'fsck', '--fix');
    expect(fixed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mended +index: /m) });
    expect((await anchord(env, 'fsck')).code).toBe(0);
  });
});
