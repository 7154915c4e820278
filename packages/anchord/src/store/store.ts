import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ChronosError } from '@chronos/shared';
import { migrate } from './migrations.js';
import { storeFaultOf } from './store-fault.js';

export type Db = Database.Database;

/** The store: what must never be lost. One daemon a store, held by a lock for as long as it is open. */
export interface Store {
  readonly db: Db;
  /** The database file; a second thread may read it through a connection of its own. */
  readonly file: string;
  /** Runs `work` in one transaction: all of it is on disk when this returns, or none of it after a throw. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** The database file of the store in a folder. */
export function storeFileIn(folder: string): string {
  return join(folder, 'chronos.db');
}

/** Opens (or makes) the store in a folder. Throws `store_unusable` where another daemon has it, or it cannot be read or written. */
export function openStore(folder: string): Store {
  const file = storeFileIn(folder);
  let lock: Db | undefined;
  let db: Db | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = lockStore(folder);
    refuseLostStore(folder, file);
    db = new Database(file);
    // Larger pages hold a run of 256 digests without an overflow chain.
    db.pragma('page_size = 16384');
    db.pragma('journal_mode = WAL');
    // FULL: a commit returns when the log is on disk, so that what is acknowledged survives a power cut.
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('cache_size = -32768');
    // The checkpoints are made by the indexer's thread, where they hold up nobody (see windows/indexer-thread.ts).
    db.pragma('wal_autocheckpoint = 0');
    migrate(db);
    return openedStore(db, file, lock);
  } catch (error) {
    db?.close();
    lock?.close();
    if (error instanceof ChronosError) throw error;
    const why =
      storeFaultOf(error, folder)?.detail ?? `the store in ${folder} cannot be opened: ${(error as Error).message}`;
    throw new ChronosError('store_unusable', why, {}, error);
  }
}

/** A store that is gone must not pass for a new one: what was made from it is still there, so there was one. */
function refuseLostStore(folder: string, file: string): void {
  const isGone = !existsSync(file) || statSync(file).size === 0;
  const traces = ['index.db', 'chronos.db-wal'].filter((name) => isThere(join(folder, name)));
  if (!isGone || traces.length === 0) return;
  throw new ChronosError(
    'store_unusable',
    `${file} is ${existsSync(file) ? 'empty' : 'not there'}, but ${traces.join(' and ')} is: the store is lost or its disk is not mounted. ` +
      'Put it back (see "anchord restore"), or start a new one in an empty folder',
  );
}

function isThere(file: string): boolean {
  return existsSync(file) && statSync(file).size > 0;
}

function openedStore(db: Db, file: string, lock: Db): Store {
  return {
    db,
    file,
    transaction: (work) => db.transaction(work).immediate(),
    close: () => {
      db.close();
      lock.close();
    },
  };
}

/**
 * An exclusive lock that the operating system drops with the process, however it ends: a second database held in a write transaction.
 * (A lock on the store itself would keep the indexer's thread and a backup from reading it.)
 */
export function lockStore(folder: string): Db {
  const file = join(folder, 'lock.db');
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new ChronosError(
      'store_unusable',
      `another anchord has the store open (${file} is locked): only one may run on a store`,
    );
  }
}
