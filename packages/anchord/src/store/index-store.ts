import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Db } from './store.js';

// What is derived from the store and can be made from it again: the index from a digest to its place, and the nodes of the windows'
// trees. It stands in a file of its own, so that the thread that fills it never holds the store's write lock.

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS digest_index (
    key   INTEGER NOT NULL,          -- KeyedHash.indexKey of the submitted digest; two digests may share one
    place INTEGER NOT NULL,
    PRIMARY KEY (key, place)
  ) STRICT, WITHOUT ROWID;

  -- The nodes of a window's tree from level 4 up: see windows/tree-tiles.ts.
  CREATE TABLE IF NOT EXISTS tiles (
    window INTEGER NOT NULL,
    level  INTEGER NOT NULL,
    idx    INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (window, level, idx)
  ) STRICT;

  -- The windows whose digests are all in the index.
  CREATE TABLE IF NOT EXISTS indexed_windows (window INTEGER PRIMARY KEY, digests INTEGER NOT NULL) STRICT;
`;

/** Opens the derived file for the one thread that writes it. */
export function openIndexForWriting(folder: string): Db {
  const db = new Database(join(folder, 'index.db'));
  db.pragma('journal_mode = WAL');
  // It may lose its last transactions in a power cut: they are made again from the store.
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -65536');
  db.exec(SCHEMA);
  return db;
}

/** Reads what the indexing thread has committed. */
export class IndexReader {
  private readonly db: Db;
  private readonly places;
  private readonly tile;
  private readonly indexed;

  constructor(folder: string) {
    this.db = new Database(join(folder, 'index.db'), { readonly: true, fileMustExist: true });
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
    return this.places.all(key);
  }

  findTile(window: number, level: number, idx: number): Uint8Array | undefined {
    return this.tile.get(window, level, idx);
  }

  isIndexed(window: number): boolean {
    return this.indexed.get(window) !== undefined;
  }

  close(): void {
    this.db.close();
  }
}
