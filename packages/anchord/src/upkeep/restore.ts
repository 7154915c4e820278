import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ChronosError, isoTime } from '@chronos/shared';
import type { Clock } from '../clock.js';
import { removeIndex } from '../store/index-store.js';
import { SCHEMA_VERSION } from '../store/migrations.js';
import { lockStore, storeFileIn } from '../store/store.js';
import { syncFolder } from './backup.js';
import { findBackupMark, writeBackupMark } from './backup-mark.js';
import { checkStore } from './fsck/check-store.js';
import { isDamage } from './fsck/damage.js';
import { Findings } from './fsck/findings.js';
import { type StoreSummary, summarize } from './store-summary.js';

export interface RestoreOptions {
  backup: string;
  /** Of the store. */
  folder: string;
  /** Whether a store that stands there is moved aside. */
  force?: boolean;
  clock: Clock;
}

export interface RestoreReport extends StoreSummary {
  folder: string;
  backupMadeAt: string;
  /** Where the store that stood there is now. */
  movedTo?: string;
}

/**
 * Puts a backup in the place of the store, after a look at every digest of it; anchord must not run. A store that stands there is moved
 * aside, never deleted. Throws `store_unusable`, `invalid_request` and `backup_failed`; nothing was changed then.
 */
export function restoreStore({ backup, folder, force = false, clock }: RestoreOptions): RestoreReport {
  if (!existsSync(backup)) throw refused(`there is no file ${backup}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = lockStore(folder);
  const target = storeFileIn(folder);
  const copy = `${target}.restoring`;
  try {
    const parts = ['chronos.db', 'chronos.db-wal', 'chronos.db-shm'].filter((name) => existsSync(join(folder, name)));
    if (parts.length > 0 && !force)
      throw refused(
        `${folder} holds a store: restore into another folder, or say that it may be moved aside (--force)`,
      );
    rmSync(copy, { force: true });
    copyFileSync(backup, copy);
    chmodSync(copy, 0o600);
    const made = prepareCopy(copy, statSync(backup).mtimeMs, clock);
    const movedTo = parts.length === 0 ? undefined : moveAside(folder, parts, clock.nowMs());
    removeIndex(folder); // of the lost store
    renameSync(copy, target);
    syncFolder(folder);
    return { folder, ...made, ...(movedTo === undefined ? {} : { movedTo }) };
  } catch (error) {
    if (error instanceof ChronosError) throw error;
    const { message } = error as Error;
    throw failed(
      isDamage(error) ? `the backup is damaged: ${message}` : `${backup} was not restored: ${message}`,
      error,
    );
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(copy + suffix, { force: true });
    lock.close();
  }
}

/** Looks the copy over, marks it as a backup where it was made by other means, and brings it to disk. */
function prepareCopy(copy: string, modifiedMs: number, clock: Clock): StoreSummary & { backupMadeAt: string } {
  const db = new Database(copy);
  try {
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version < 1 || version > SCHEMA_VERSION)
      throw failed(`it is no backup that this release can use: it has schema ${version}, not 1 to ${SCHEMA_VERSION}`);
    // An older one is brought to the schema of today by the next start; fsck then knows its tables.
    if (version === SCHEMA_VERSION) refuseFaults(db, clock);
    const mark = findBackupMark(db) ?? { madeAtMs: Math.round(modifiedMs) };
    writeBackupMark(db, mark);
    return { backupMadeAt: isoTime(mark.madeAtMs), ...summarize(db) };
  } finally {
    db.close();
    const file = openSync(copy, 'r');
    fsyncSync(file);
    closeSync(file);
  }
}

function refuseFaults(db: Database.Database, clock: Clock): void {
  const findings = new Findings();
  checkStore({ db, findings, nowMs: clock.nowMs() });
  const [first] = findings.faults;
  if (first === undefined) return;
  throw failed(
    `the backup has ${findings.count()} faults, the first: ${first.check}: ${first.where}: ${first.what}. Take another, ` +
      'or put it by hand as chronos.db into a folder of its own and mend it there (anchord fsck --fix)',
  );
}

function moveAside(folder: string, parts: readonly string[], nowMs: number): string {
  const aside = join(folder, `replaced-${isoTime(nowMs).replaceAll(':', '')}`);
  mkdirSync(aside, { mode: 0o700 });
  for (const name of parts) renameSync(join(folder, name), join(aside, name));
  syncFolder(aside);
  return aside;
}

function refused(message: string): ChronosError {
  return new ChronosError('invalid_request', message, { field: 'backup' });
}

function failed(message: string, cause?: unknown): ChronosError {
  return new ChronosError('backup_failed', message, {}, cause);
}
