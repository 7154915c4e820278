import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Context } from '../context.js';
import { Admissions } from '../store/admissions.js';
import { storeFileIn } from '../store/store.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { flipByte } from '../test-support/damage.js';
import { admit, openServices, randomDigests } from '../test-support/services.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { type BackupOptions, backupStore } from './backup.js';
import { findBackupMark } from './backup-mark.js';

const START_MS = 1_795_171_203_000;

let temporary: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let services: Context;
let target: string;

beforeEach(async () => {
  temporary = temporaryFolder();
  clock = new FakeClock(START_MS);
  services = await openServices(storeFolder(), clock);
  target = join(temporary.folder, 'backup.db');
});

afterEach(async () => {
  await services.close();
  temporary.remove();
});

const storeFolder = () => join(temporary.folder, 'store');

function backup(options: Partial<BackupOptions> = {}) {
  return backupStore({ storeFile: storeFileIn(storeFolder()), target, clock, ...options });
}

/** The digests of a backup, in order, one after the other. */
function digestsIn(file: string): Buffer {
  const db = new Database(file, { readonly: true });
  try {
    const admissions = new Admissions(db);
    return Buffer.concat(
      Array.from({ length: admissions.end() }, (_, place) => admissions.find(place)!.bytes.subarray(0, 32)),
    );
  } finally {
    db.close();
  }
}

const filesBeside = () => readdirSync(temporary.folder).filter((name) => name.startsWith('backup.db'));

describe('a backup', () => {
  test('holds all that was acknowledged before, and nothing of what came while it was made', async () => {
    const before = randomDigests(40_000); // several steps of copying
    for (let at = 0; at < before.length; at += 10_000) await admit(services, before.slice(at, at + 10_000));
    const during: Promise<unknown>[] = [];
    const report = await backup({ onProgress: () => during.push(admit(services, randomDigests(500))) });
    await Promise.all(during);
    expect(during.length).toBeGreaterThan(0);
    expect(report).toMatchObject({ digests: 40_000, windows: 1, logSize: 0, lastWindow: 1_795_171_200 });
    expect(digestsIn(target).equals(Buffer.concat(before))).toBe(true);
    expect(services.views.status().totals.digests).toBe(40_000 + 500 * during.length);
  });

  test('does not keep digests from being committed while it is made', async () => {
    for (let i = 0; i < 4; i++) await admit(services, randomDigests(10_000));
    let done = false;
    let committed = 0;
    const making = backup().finally(() => (done = true));
    while (!done) {
      await admit(services, randomDigests(1));
      committed++;
    }
    await making;
    expect(committed).toBeGreaterThan(1);
  });

  test('is one file that its owner alone may read, and says when it was made', async () => {
    await admit(services, randomDigests(3));
    const report = await backup();
    expect(filesBeside()).toEqual(['backup.db']);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(report).toMatchObject({
      file: target,
      bytes: statSync(target).size,
      madeAt: new Date(START_MS).toISOString(),
    });
    const db = new Database(target, { readonly: true });
    expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
    expect(findBackupMark(db)).toEqual({ madeAtMs: START_MS });
    db.close();
  });

  test('can be made of a store that no daemon has open', async () => {
    const digests = randomDigests(300);
    await admit(services, digests);
    await services.close();
    await backup();
    expect(digestsIn(target).equals(Buffer.concat(digests))).toBe(true);
  });

  test('replaces another only when told to', async () => {
    await backup();
    await admit(services, randomDigests(1));
    await expect(backup()).rejects.toMatchObject({ code: 'invalid_request', message: /is there already/ });
    expect(digestsIn(target).length).toBe(0);
    await backup({ force: true });
    expect(digestsIn(target).length).toBe(32);
  });

  test.each([
    ['is in the folder of the store', () => join(storeFolder(), 'chronos.db')],
    ['is in the folder of the store', () => join(storeFolder(), 'b', '..', 'index.db')],
    ['there is no folder', () => join(temporary.folder, 'nowhere', 'b.db')],
    ['is not a file', () => temporary.folder],
  ])('cannot go where it %s', async (message, place) => {
    const refused = backup({ target: place(), force: true });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining(message) });
  });

  test('of no store is refused, and makes none', async () => {
    const storeFile = join(temporary.folder, 'none.db');
    await expect(backup({ storeFile })).rejects.toMatchObject({
      code: 'invalid_request',
      message: /there is no store/,
    });
    expect(filesBeside()).toEqual([]);
  });

  test('takes away what one that was killed left, and leaves one that runs alone', async () => {
    writeFileSync(`${target}.part`, 'half a backup');
    await backup();
    const running = new Database(`${target}.part`);
    running.exec('BEGIN EXCLUSIVE');
    await expect(backup({ force: true })).rejects.toMatchObject({ message: /another backup is writing it/ });
    running.close();
    await backup({ force: true });
  });

  test('that is given up leaves nothing', async () => {
    for (let i = 0; i < 4; i++) await admit(services, randomDigests(10_000));
    const stop = new AbortController();
    const given = backup({ signal: stop.signal, onProgress: () => stop.abort() });
    await expect(given).rejects.toMatchObject({ code: 'backup_failed', message: /given up/ });
    expect(filesBeside()).toEqual([]);
    await expect(backup({ signal: stop.signal })).rejects.toMatchObject({ message: /given up/ });
  });

  test('of a damaged store does not come to be', async () => {
    await admit(services, randomDigests(5_000));
    await services.close();
    flipByte(storeFileIn(storeFolder()), (bytes) => bytes.indexOf('CREATE INDEX windows_unfinished'));
    await expect(backup()).rejects.toMatchObject({ code: 'backup_failed' });
    expect(filesBeside()).toEqual([]);
    expect(readFileSync(storeFileIn(storeFolder())).length).toBeGreaterThan(0);
  });
});
