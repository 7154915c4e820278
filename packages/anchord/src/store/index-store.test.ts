import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { temporaryFolder } from '../test-support/temporary.js';
import { INDEX_VERSION, indexFileIn, openIndexForWriting, prepareIndex } from './index-store.js';
import type { Db } from './store.js';

const SECRET = randomBytes(8);
const WINDOW = 1_795_171_200;
const LOG_ROOT = createHash('sha256').update('log').digest();

let temporary: ReturnType<typeof temporaryFolder>;

/** An index that holds one window. */
beforeEach(() => {
  temporary = temporaryFolder();
  prepare();
  change((db) => db.prepare('INSERT INTO indexed_windows VALUES (?, 1, ?)').run(WINDOW, LOG_ROOT));
});

afterEach(() => {
  temporary.remove();
});

function prepare({ secret = SECRET, logRoot = LOG_ROOT } = {}): string | undefined {
  return prepareIndex(temporary.folder, { secret, findLogRoot: (window) => (window === WINDOW ? logRoot : undefined) });
}

function change<T>(work: (db: Db) => T): T {
  const db = openIndexForWriting(temporary.folder);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

const windowsIn = () => change((db) => db.prepare('SELECT window FROM indexed_windows').pluck().all());
const versionOf = () => change((db) => db.pragma('user_version', { simple: true }));

test('an index of this version and store is kept', () => {
  expect(versionOf()).toBe(INDEX_VERSION);
  expect(prepare()).toBeUndefined();
  expect(windowsIn()).toEqual([WINDOW]);
});

test.each([0, INDEX_VERSION + 1])('one of version %d is made anew', (version) => {
  change((db) => db.pragma(`user_version = ${version}`));
  expect(prepare()).toMatch(`it has version ${version}`);
  expect(windowsIn()).toEqual([]);
  expect(versionOf()).toBe(INDEX_VERSION);
});

test('one of another store is made anew', () => {
  expect(prepare({ secret: randomBytes(8) })).toMatch('another store');
  expect(windowsIn()).toEqual([]);
});

test('one of a later state of the store, which a backup has replaced, is made anew', () => {
  expect(prepareIndex(temporary.folder, { secret: SECRET, findLogRoot: () => undefined })).toMatch(
    `window ${WINDOW} otherwise`,
  );
  expect(windowsIn()).toEqual([]);
});

test('one of a state of the store that went another way is made anew', () => {
  expect(prepare({ logRoot: randomBytes(32) })).toMatch(`window ${WINDOW} otherwise`);
  expect(windowsIn()).toEqual([]);
});

test.each([
  ['no database', (bytes: Buffer) => bytes.fill('x', 0, 100)],
  ['cut off', (bytes: Buffer) => bytes.subarray(0, 5000)],
  ['of damaged pages', (bytes: Buffer) => bytes.fill(0xff, 4096)],
])('one that is %s is made anew', (_name, damage) => {
  change((db) => db.pragma('wal_checkpoint(TRUNCATE)'));
  writeFileSync(indexFileIn(temporary.folder), damage(readFileSync(indexFileIn(temporary.folder))));
  expect(prepare()).toMatch('it is damaged');
  expect(windowsIn()).toEqual([]);
});

test('one that was cut short while it was made is made', () => {
  change((db) => {
    for (const table of ['digest_index', 'tiles', 'indexed_windows', 'origin']) db.exec(`DROP TABLE ${table}`);
    db.pragma('user_version = 0');
  });
  expect(prepare()).toBeUndefined();
  expect(windowsIn()).toEqual([]);
});
