import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Logger } from '../logger.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { storeFaultOf } from './store-fault.js';
import { openStore, type Store } from './store.js';
import { StoreWatch } from './store-watch.js';

const RESERVE = 100 * 1024 * 1024;

let temporary: ReturnType<typeof temporaryFolder>;
let store: Store;
let clock: FakeClock;
let free: number;
let told: string[];
let watch: StoreWatch;

beforeEach(() => {
  temporary = temporaryFolder();
  store = openStore(temporary.folder);
  clock = new FakeClock(1_795_171_203_000);
  free = 10 * RESERVE;
  told = [];
  const note = (_fields: unknown, message?: string) => told.push(message ?? String(_fields));
  const logger = { error: note, info: note } as unknown as Logger;
  const folder = temporary.folder;
  watch = new StoreWatch({ store, folder, reserveBytes: RESERVE, clock, logger, freeBytes: () => free });
  watch.start();
});

afterEach(async () => {
  await watch.close();
  store.close();
  temporary.remove();
});

const sqlite = (code: string) => Object.assign(new Error('in SQLite'), { code });

describe('room', () => {
  test('below the reserve refuses digests at the next commit, and takes them again with a tenth more than the reserve', async () => {
    free = RESERVE - 1;
    watch.look();
    expect(watch.fault).toMatchObject({ kind: 'low', reason: 'its disk is nearly full' });
    free = RESERVE + 1;
    await clock.advance(1000);
    expect(watch.fault).toMatchObject({ kind: 'low' });
    free = 1.2 * RESERVE;
    await clock.advance(1000);
    expect(watch.fault).toBeUndefined();
    expect(told).toEqual(['the store takes no digests', 'the store takes digests again']);
  });

  test('is looked at every second, though nothing is committed', async () => {
    free = 0;
    await clock.advance(1000);
    expect(watch.fault).toMatchObject({ kind: 'low' });
  });
});

describe('a fault', () => {
  test('is told once, however often it is met', () => {
    for (let i = 0; i < 5; i++) expect(watch.failed(sqlite('SQLITE_FULL'))).toMatchObject({ kind: 'full' });
    expect(told).toEqual(['the store takes no digests']);
  });

  test('has passed when a commit gets onto the disk, and leaves nothing behind', async () => {
    watch.failed(sqlite('SQLITE_IOERR_FSYNC'));
    await clock.advance(1000);
    expect(watch.fault).toBeUndefined();
    expect(store.db.prepare("SELECT count(*) FROM meta WHERE name = 'probe'").pluck().get()).toBe(0);
  });

  test('stays for as long as commits fail', async () => {
    store.db.pragma('query_only = ON'); // SQLite answers as for a disk that became read-only
    watch.failed(sqlite('SQLITE_READONLY'));
    await clock.advance(5000);
    expect(watch.fault).toMatchObject({ kind: 'read_only' });
    store.db.pragma('query_only = OFF');
    await clock.advance(1000);
    expect(watch.fault).toBeUndefined();
  });

  test('of damage stays until the daemon is started again, and names fsck', async () => {
    watch.failed(sqlite('SQLITE_CORRUPT_INDEX'));
    await clock.advance(60_000);
    expect(watch.fault).toMatchObject({ kind: 'damaged', detail: expect.stringContaining('anchord fsck') });
  });

  test('of the program is none of the store', () => {
    expect(watch.failed(new TypeError('x is undefined'))).toBeUndefined();
    expect(watch.failed(sqlite('SQLITE_CONSTRAINT_PRIMARYKEY'))).toBeUndefined();
    expect(watch.fault).toBeUndefined();
  });
});

test('every kind of fault says to clients what is wrong, and no path', () => {
  for (const code of ['FULL', 'READONLY', 'CANTOPEN', 'CORRUPT', 'NOTADB', 'BUSY', 'IOERR_READ'])
    expect(storeFaultOf(sqlite(`SQLITE_${code}`), '/srv/chronos')).toMatchObject({
      reason: expect.not.stringContaining('/'),
      detail: expect.stringContaining('/srv/chronos'),
    });
});
