import { copyFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { ANCHORED_TOPIC, parseProof, verifyStructure } from '@chronos/shared';
import { openAnchorStore } from '../store/anchors.js';
import { openStore, storeFileIn } from '../store/store.js';
import { type Bench, openBench } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';
import { type LiveStore, liveStore } from '../test-support/live-store.js';
import { admit, randomDigests } from '../test-support/services.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { backupStore } from './backup.js';
import { fsck } from './fsck/fsck.js';
import { restoreStore } from './restore.js';
import { restoresOf } from './restored.js';

let anvil: Anvil;
let bench: Bench;
let temporary: ReturnType<typeof temporaryFolder>;
let live: LiveStore;
let backup: string;

beforeAll(async () => {
  anvil = await startAnvil();
});

afterAll(() => anvil.stop());

beforeEach(async () => {
  bench = await openBench(anvil);
  temporary = temporaryFolder();
  live = liveStore(bench, join(temporary.folder, 'live'));
  backup = join(temporary.folder, 'backup.db');
});

afterEach(() => {
  bench.dispose();
  temporary.remove();
});

const makeBackup = () => backupStore({ storeFile: storeFileIn(live.folder), target: backup, clock: bench.clock });

/** The store is lost, and its backup put in its place. */
function loseAndRestore(): void {
  rmSync(live.folder, { recursive: true });
  restoreStore({ backup, folder: live.folder, clock: bench.clock });
}

async function expectNothingTwice(): Promise<void> {
  const filter = { address: bench.contract, fromBlock: '0x0', toBlock: 'latest', topics: [ANCHORED_TOPIC] };
  const logs = (await anvil.rpc('eth_getLogs', filter)) as { topics: string[] }[];
  expect(new Set(logs.map(({ topics }) => topics[2])).size).toBe(logs.length);
  expect(logs.length).toBeGreaterThan(0);
}

function statusesOf(digests: readonly Buffer[]): Promise<string[]> {
  return live.run(async ({ proofs }) => digests.map((digest) => proofs.item(digest).status));
}

/** Each of these has a final proof, and all that proofs state stands so on the chain. */
async function expectFinal(digests: readonly Buffer[]): Promise<void> {
  await live.run(async ({ proofs }) => {
    for (const digest of digests) {
      const { status, json } = proofs.item(digest);
      const proof = parseProof(Buffer.from(json).toString());
      expect({ status, anchors: proof.anchors.length }).toEqual({ status: 'final', anchors: 1 });
      expect(verifyStructure(digest, proof)).toMatchObject({ ok: true });
    }
  });
  const chains = { rpcUrlsOf: () => [anvil.url], fromWindow: 0 };
  expect(await fsck({ folder: live.folder, clock: bench.clock, chains })).toMatchObject({ faults: [] });
}

describe('a restored older backup', () => {
  test('goes on: nothing is anchored twice, what came after it is unknown, and the new becomes final', async () => {
    await live.close(3, 20);
    await live.anchor();
    await live.close(5, 7); // closed and not anchored when the backup is made
    await makeBackup();
    await live.anchor();
    const before = live.windows.flat();
    const count = live.windows.length;
    await live.close(4, 1);
    await live.anchor();
    const after = live.windows.slice(count).flat();
    const paid = await bench.paid();
    loseAndRestore();
    await live.anchor();
    expect(await bench.paid()).toBe(paid); // found on the chain, not paid for again
    expect(await statusesOf(after)).toEqual(after.map(() => 'unknown'));
    await bench.clock.advance(10_000);
    await live.close(6);
    await live.anchor();
    await expectFinal([...before, ...live.windows.at(-1)!]);
    await expectNothingTwice();
  });

  test('settles the attempt that was on its way in it, and anchors nothing of it again', async () => {
    await live.close(2);
    const signing = openStore(live.folder);
    await bench.step({ store: openAnchorStore(signing) }).run();
    signing.close();
    await makeBackup();
    await live.anchor();
    await live.close(3);
    await live.anchor();
    const paid = await bench.paid();
    loseAndRestore();
    await live.anchor();
    expect(await bench.paid()).toBe(paid);
    await expectFinal(live.windows[0]!);
    await expectNothingTwice();
  });

  test('closes the window that it holds open as it is, and uses no id again that the lost store may have used', async () => {
    await live.close(2);
    const early = await live.open(3);
    await makeBackup();
    const late = await live.open(4); // into the same window
    loseAndRestore();
    const [receipt] = await live.run(async (services) => {
      await services.closer.settled();
      return admit(services, randomDigests(1));
    });
    const windows = await live.run(async ({ views }) => views.windows({ limit: 10 }).items);
    expect(windows.map(({ treeSize }) => treeSize)).toEqual([1, 4, 3]);
    expect(receipt!.windowId).toBeGreaterThan(Math.floor(bench.clock.nowMs() / 1000));
    await live.anchor();
    expect(await statusesOf(early)).toEqual(early.map(() => 'final'));
    expect(await statusesOf(late)).toEqual(late.map(() => 'unknown'));
  });

  test('learns from the contract of windows that its own clock does not reach', async () => {
    await live.close(2);
    await makeBackup();
    await live.close(1, 1, 1, 1);
    await live.anchor();
    const [last] = await live.run(async ({ views }) => views.windows({ limit: 1 }).items);
    bench.clock.jumpTo(bench.clock.nowMs() - 60_000); // restored on a machine whose clock is behind
    loseAndRestore();
    const [receipt] = await live.run(async (services) => {
      while (services.collector.currentWindowId <= last!.id) await bench.clock.advance(0); // it asks in the background
      return admit(services, randomDigests(1));
    });
    expect(receipt!.windowId).toBeGreaterThan(last!.id);
  });

  test('remembers that it was restored, once', async () => {
    await live.close(2);
    const { madeAt } = await makeBackup();
    loseAndRestore();
    await live.run(async () => undefined);
    await live.run(async () => undefined);
    const db = new Database(storeFileIn(live.folder), { readonly: true });
    expect(restoresOf(db)).toEqual([expect.objectContaining({ backupMadeAt: madeAt, logSize: 1 })]);
    db.close();
    const { notes } = await fsck({ folder: live.folder, clock: bench.clock });
    expect(notes).toEqual([expect.stringContaining(`from a backup of ${madeAt}`)]);
  });

  test('is known for one when it was put in place by hand, and the index of the lost store is not used', async () => {
    await live.close(3);
    await makeBackup();
    await live.close(5);
    copyFileSync(backup, storeFileIn(live.folder));
    for (const suffix of ['-wal', '-shm']) rmSync(storeFileIn(live.folder) + suffix, { force: true });
    const expected = [...Array<string>(3).fill('anchoring'), ...Array<string>(5).fill('unknown')];
    expect(await statusesOf(live.windows.flat())).toEqual(expected);
  });
});

describe('restoring', () => {
  beforeEach(async () => {
    await live.close(2);
    await makeBackup();
  });

  const restore = (options = {}) => restoreStore({ backup, folder: live.folder, clock: bench.clock, ...options });

  test('moves a store that stands there aside only when told to, and deletes nothing of it', async () => {
    expect(() => restore()).toThrow('holds a store');
    await live.close(4);
    const { movedTo = '' } = restore({ force: true });
    expect(existsSync(join(movedTo, 'chronos.db'))).toBe(true);
    expect(statSync(storeFileIn(live.folder)).mode & 0o777).toBe(0o600);
    const expected = ['anchoring', 'anchoring', ...Array<string>(4).fill('unknown')];
    expect(await statusesOf(live.windows.flat())).toEqual(expected);
  });

  test('is refused while anchord runs', () =>
    live.run(async () => {
      expect(() => restore({ force: true })).toThrow('another anchord');
    }));

  const change = (sql: string) => (file: string) => {
    const db = new Database(file);
    db.exec(sql);
    db.close();
  };

  test.each<[string, (file: string) => void, string]>([
    ['is damaged', (file) => writeFileSync(file, 'no database'.repeat(1000)), 'damaged'],
    ['has changed digests', change('UPDATE admissions SET digests = randomblob(length(digests))'), 'faults'],
    ['is of a newer release', change('PRAGMA user_version = 99'), 'schema 99'],
    ['is not there', (file) => rmSync(file), 'there is no file'],
  ])('refuses a backup that %s, and leaves the store as it is', async (_name, damage, message) => {
    damage(backup);
    expect(() => restore({ force: true })).toThrow(message);
    expect(readdirSync(live.folder).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
    expect(await statusesOf(live.windows.flat())).toEqual(['anchoring', 'anchoring']);
  });
});
