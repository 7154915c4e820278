import type { Db } from '../store/store.js';

/** What a backup says of itself, in its table `meta`: a store in which it stands was restored, by whatever means. */
export interface BackupMark {
  madeAtMs: number;
}

const NAME = 'backup';

export function writeBackupMark(db: Db, mark: BackupMark): void {
  db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(NAME, Buffer.from(JSON.stringify(mark)));
}

export function removeBackupMark(db: Db): void {
  db.prepare('DELETE FROM meta WHERE name = ?').run(NAME);
}

export function findBackupMark(db: Db): BackupMark | undefined {
  const value = db.prepare<[string], Buffer>('SELECT value FROM meta WHERE name = ?').pluck().get(NAME);
  return value === undefined ? undefined : (JSON.parse(value.toString()) as BackupMark);
}
