import { createHash, randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { equalBytes } from '@chronos/shared';
import type { Db } from './store.js';
import { isDamage } from './store-fault.js';

// What is derived from the store and can be made from it again: the index from a digest to its place, and the nodes of the windows'
// trees. It stands in a file of its own, so that the thread that fills it never holds the store's write lock.

/** There are no migrations: an index of another version is made anew. */
export const INDEX_VERSION = 1;

const SECRET_BYTES = 8;

const SCHEMA = `
  CREATE TABLE digest_index (
    key   INTEGER NOT NULL,          -- KeyedHash.indexKey of the submitted digest; two digests may share one
    place INTEGER NOT NULL,
    PRIMARY KEY (key, place)
  ) STRICT, WITHOUT ROWID;

  -- The nodes of a window's tree from level 4 up: see windows/tree-tiles.ts.
  CREATE TABLE tiles (
    window INTEGER NOT NULL,
    level  INTEGER NOT NULL,
    idx    INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (window, level, idx)
  ) STRICT;

  -- The windows whose digests are all in the index, with the root of the log as it was with the window.
  CREATE TABLE indexed_windows (window INTEGER PRIMARY KEY, digests INTEGER NOT NULL, log_root BLOB NOT NULL) STRICT;

  -- The store that this index belongs to.
  CREATE TABLE origin (store BLOB NOT NULL) STRICT;
`;

/** The derived file is damaged: nothing is lost, but it has to be made again. */
export class IndexDamaged extends Error {}

/** Runs what reads or writes the derived file alone. Throws `IndexDamaged` where that is not what it should be. */
export function onIndex<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (isDamage(code)) throw new IndexDamaged(`index.db is damaged (${message})`);
    throw error;
  }
}

export function indexFileIn(folder: string): string {
  return join(folder, 'index.db');
}

/** Deletes the derived file. Nobody may have it open who goes on with it. */
export function removeIndex(folder: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(indexFileIn(folder) + suffix, { force: true });
}

/** The store that an index is held against. */
export interface IndexedStore {
  secret: Uint8Array;
  /** The root of the log as it was with a closed window. */
  findLogRoot: (window: number) => Uint8Array | undefined;
}

/**
 * Makes the file ready for the store with this secret: makes it where there is none, and anew where what is there cannot be used. Tells why, in
 * the latter case. To be called before anything else opens it.
 */
export function prepareIndex(folder: string, store: IndexedStore): string | undefined {
  const fault = existsSync(indexFileIn(folder)) ? findIndexFault(folder, store) : undefined;
  if (fault !== undefined) removeIndex(folder);
  const db = openIndexForWriting(folder);
  try {
    if (db.pragma('user_version', { simple: true }) === INDEX_VERSION) return fault;
    db.transaction(() => {
      db.exec(SCHEMA);
      db.prepare('INSERT INTO origin (store) VALUES (?)').run(originOf(store));
      db.pragma(`user_version = ${INDEX_VERSION}`);
    })();
    return fault;
  } finally {
    db.close();
  }
}

/** Why an index that is there cannot be used. */
export function findIndexFault(folder: string, { secret, findLogRoot }: IndexedStore): string | undefined {
  const db = new Database(indexFileIn(folder), { readonly: true });
  try {
    const version = db.pragma('user_version', { simple: true }) as number;
    const tables = db.prepare<[], number>('SELECT count(*) FROM sqlite_master').pluck().get();
    if (version === 0 && tables === 0) return undefined; // it was being made
    if (version !== INDEX_VERSION) return `it has version ${version}, this program makes version ${INDEX_VERSION}`;
    const store = db.prepare<[], Buffer>('SELECT store FROM origin').pluck().get();
    if (store === undefined || !equalBytes(store, originOf({ secret }))) return 'it belongs to another store';
    const last = db
      .prepare<[], { window: number; log_root: Buffer }>(
        'SELECT window, log_root FROM indexed_windows ORDER BY window DESC LIMIT 1',
      )
      .get();
    if (last === undefined) return undefined;
    const logRoot = findLogRoot(last.window);
    // The root stands for all windows up to this one: the store was restored from a backup, or the index was.
    return logRoot !== undefined && equalBytes(logRoot, last.log_root)
      ? undefined
      : `it holds window ${last.window} otherwise than the store does`;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === undefined || !/^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(code)) throw error;
    return `it is damaged: ${message}`;
  } finally {
    db.close();
  }
}

/** The key of the digest index, made once a store. */
export function indexSecret(db: Db): Uint8Array {
  db.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('index secret', ?)").run(randomBytes(SECRET_BYTES));
  return findIndexSecret(db)!;
}

/** The key, where there is a whole one. */
export function findIndexSecret(db: Db): Uint8Array | undefined {
  const secret = db.prepare<[], Buffer>("SELECT value FROM meta WHERE name = 'index secret'").pluck().get();
  return secret?.length === SECRET_BYTES ? secret : undefined;
}

function originOf({ secret }: Pick<IndexedStore, 'secret'>): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

/** Opens the derived file, which was made ready, for the one thread that writes it. */
export function openIndexForWriting(folder: string): Db {
  const db = new Database(indexFileIn(folder));
  db.pragma('journal_mode = WAL');
  // It may lose its last transactions in a power cut: they are made again from the store.
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -65536');
  return db;
}
/** Reads what the indexing thread has committed. */
export class IndexReader {
  private readonly db: Db;
  private readonly places;
  private readonly tile;
  private readonly indexed;

  /** `onDamage` is told before a method throws `IndexDamaged`. */
  constructor(
    folder: string,
    private readonly onDamage: (damage: IndexDamaged) => void = () => undefined,
  ) {
    this.db = new Database(indexFileIn(folder), { readonly: true, fileMustExist: true });
    this.db.pragma('cache_size = -65536');
    this.places = this.db
      .prepare<[number], number>('SELECT place FROM digest_index WHERE key = ? ORDER BY place')
      .pluck();
    this.tile = this.db
      .prepare<[number, number, number], Buffer>('SELECT hashes FROM tiles WHERE window = ? AND level = ? AND idx = ?')
      .pluck();
    this.indexed = this.db.prepare<[number], number>('SELECT 1 FROM indexed_windows WHERE window = ?').pluck();
  }

  /** The places of all digests with this index key, oldest first. */
  findPlaces(key: number): number[] {
    return this.read(() => this.places.all(key));
  }

  findTile(window: number, level: number, idx: number): Uint8Array | undefined {
    return this.read(() => this.tile.get(window, level, idx));
  }

  isIndexed(window: number): boolean {
    return this.read(() => this.indexed.get(window)) !== undefined;
  }

  close(): void {
    this.db.close();
  }

  private read<T>(work: () => T): T {
    try {
      return onIndex(work);
    } catch (error) {
      if (error instanceof IndexDamaged) this.onDamage(error);
      throw error;
    }
  }
}
