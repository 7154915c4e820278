import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { readSignedAnchors } from '../chain/signed-anchors.js';
import { openAnchorStore } from '../store/anchors.js';
import { openStore, storeFileIn } from '../store/store.js';
import { type LiveStore, liveStore } from '../test-support/live-store.js';
import { NATIVE_CHAIN, type NativeBench, openNativeBench } from '../test-support/native-bench.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { backupStore } from './backup.js';
import { fsck, type FsckReport } from './fsck/fsck.js';
import { restoreStore } from './restore.js';

// What looks after the store, where it is anchored on Zilliqa's native side: other bytes are signed there, and one window a transaction.

let temporary: ReturnType<typeof temporaryFolder>;
let bench: NativeBench;
let live: LiveStore;

beforeAll(() => {
  temporary = temporaryFolder();
});

afterAll(() => {
  temporary.remove();
});

const look = (options: { fix?: boolean } = {}): Promise<FsckReport> =>
  fsck({
    ...{ folder: live.folder, clock: bench.clock },
    chains: { rpcUrlsOf: () => [bench.devnet.url], fromWindow: 0 },
    ...options,
  });

function inStore<T>(work: (db: Database.Database) => T): T {
  const db = new Database(storeFileIn(live.folder));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** Signs the next window's transaction and sends it; no block has it yet. */
async function sendNext(): Promise<void> {
  const store = openStore(live.folder);
  await bench.step({ store: openAnchorStore(store) }).run();
  store.close();
}

describe('fsck', () => {
  const sound = () => join(temporary.folder, 'sound');

  beforeAll(async () => {
    bench = await openNativeBench();
    live = liveStore(bench, sound());
    await live.close(1, 30, 300);
    await live.anchor();
    await live.close(2);
    await sendNext();
  });

  afterAll(() => bench.dispose());

  // Only copies of it are damaged.
  beforeEach(() => {
    live = liveStore(bench, join(temporary.folder, 'damaged'));
    cpSync(sound(), live.folder, { recursive: true });
  });

  afterEach(() => {
    rmSync(live.folder, { recursive: true });
  });

  test('reads what was signed, and asks the native chain: nothing is wrong', async () => {
    const attempts = inStore((db) =>
      db.prepare<[], { signed_bytes: Buffer; transaction_id: string }>('SELECT * FROM attempts').all(),
    );
    expect(attempts.map(({ signed_bytes }) => readSignedAnchors(NATIVE_CHAIN, signed_bytes).transactionId)).toEqual(
      attempts.map(({ transaction_id }) => transaction_id),
    );
    expect(attempts.length).toBe(4);
    const report = await look();
    expect(report).toMatchObject({ faults: [], notes: [], faultCount: 0 });
    expect(report).not.toHaveProperty('unchecked');
  });

  test.each([
    ['attempts', 'the nonce of a signed transaction', `UPDATE attempts SET nonce = nonce + 7 WHERE state = 'final'`],
    [
      'attempts',
      'the windows of one',
      `UPDATE attempt_windows SET window = (SELECT max(id) FROM windows) WHERE window = (SELECT min(id) FROM windows)`,
    ],
    ['anchors', 'an anchor', 'DELETE FROM anchors WHERE window = (SELECT min(window) FROM anchors)'],
    [
      'chain',
      'the block of an anchor',
      'UPDATE anchors SET block_number = block_number - 1 WHERE window = (SELECT min(window) FROM anchors)',
    ],
  ])(
    'tells, in %s, that %s was changed; mended, it is anchored as before and not paid for again',
    async (check, _what, sql) => {
      const roots = inStore((db) => db.prepare('SELECT root FROM windows ORDER BY id').all());
      inStore((db) => {
        db.pragma('foreign_keys = OFF');
        db.exec(sql);
      });
      const { faults } = await look();
      expect(faults.map((fault) => fault.check)).toContain(check);
      expect(await look({ fix: true })).toMatchObject({ faults: [] });
      await live.anchor();
      expect(await look()).toMatchObject({ faults: [], notes: [] });
      expect(inStore((db) => db.prepare('SELECT root FROM windows ORDER BY id').all())).toEqual(roots);
      expect((await bench.anchoredWindows([])).length).toBe(4);
      expect(await bench.paid()).toBe(4);
    },
  );

  test('takes signed bytes with a flipped bit for damaged, wherever it is', async () => {
    const whole = inStore((db) => db.prepare<[], Buffer>('SELECT signed_bytes FROM attempts').pluck().get()!);
    const readWith = (at: number) => () => {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x01;
      return readSignedAnchors(NATIVE_CHAIN, bytes);
    };
    for (let at = 0; at < whole.length; at += 41) expect(readWith(at)).toThrow();
    // `priority`, the one key that the signature does not cover
    for (let at = whole.length - 20; at < whole.length; at++) expect(readWith(at)).toThrow();

    inStore((db) => {
      const damage = db.prepare(`UPDATE attempts SET signed_bytes = ? WHERE state = 'final' AND nonce = 2`);
      damage.run(Buffer.from(whole).fill(0x20, 50, 51));
    });
    expect(await look()).toMatchObject({ faults: [{ check: 'attempts', what: expect.stringContaining('damaged') }] });
    expect(await look({ fix: true })).toMatchObject({ faults: [], mended: [{ check: 'attempts' }] });
  });
});

describe('restore', () => {
  beforeAll(async () => {
    bench = await openNativeBench();
    live = liveStore(bench, join(temporary.folder, 'live'));
  });

  afterAll(() => bench.dispose());

  test('what was anchored after the backup is found on the native chain and not paid for again', async () => {
    const backup = join(temporary.folder, 'backup.db');
    await live.close(3);
    await live.anchor();
    await live.close(1, 2);
    await sendNext(); // one is on its way in the backup, one is only closed
    await backupStore({ storeFile: storeFileIn(live.folder), target: backup, clock: bench.clock });
    await live.anchor();
    await live.close(9);
    await live.anchor();
    expect(await bench.paid()).toBe(4);

    rmSync(live.folder, { recursive: true });
    restoreStore({ backup, folder: live.folder, clock: bench.clock });
    await live.anchor();
    await live.close(4);
    await live.anchor();
    expect(await bench.paid()).toBe(5);
    expect((await bench.anchoredWindows([])).length).toBe(5);
    expect(await look()).toMatchObject({
      faults: [],
      notes: [
        expect.stringContaining('it was restored at'),
        expect.stringContaining('1 roots that this store does not know'),
      ],
    });
  });
});
