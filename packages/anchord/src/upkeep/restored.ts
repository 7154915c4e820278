import { isoTime } from '@chronos/shared';
import type { Db, Store } from '../store/store.js';
import { findBackupMark, removeBackupMark } from './backup-mark.js';
import { type StoreSummary, summarize } from './store-summary.js';

/** A restore, as the store remembers it for good: from `logSize` on the log of windows may have gone another way before. */
export interface Restored extends StoreSummary {
  backupMadeAt: string;
  restoredAt: string;
}

const RESTORES = 'restores';
const FLOOR = 'window floor';

/**
 * At a start: whether the store was restored from a backup, by whatever means. Then that is noted in it, and no window that may have been
 * open before this moment is opened again: the lost store gave receipts that name them.
 */
export function takeUpRestore(store: Store, nowMs: number): Restored | undefined {
  const mark = findBackupMark(store.db);
  if (mark === undefined) return undefined;
  const restored = { backupMadeAt: isoTime(mark.madeAtMs), restoredAt: isoTime(nowMs), ...summarize(store.db) };
  store.transaction(() => {
    write(store.db, RESTORES, [...restoresOf(store.db), restored]);
    write(store.db, FLOOR, Math.max(windowFloorOf(store.db), Math.floor(nowMs / 1000)));
    removeBackupMark(store.db);
  });
  return restored;
}

export function restoresOf(db: Db): Restored[] {
  return (read(db, RESTORES) as Restored[] | undefined) ?? [];
}

/** No window with this id or a lower one is to be opened. */
export function windowFloorOf(db: Db): number {
  return (read(db, FLOOR) as number | undefined) ?? -1;
}

export function recordWindowFloor(store: Store, floor: number): void {
  store.transaction(() => {
    write(store.db, FLOOR, floor);
  });
}

function read(db: Db, name: string): unknown {
  const value = db.prepare<[string], Buffer>('SELECT value FROM meta WHERE name = ?').pluck().get(name);
  return value === undefined ? undefined : JSON.parse(value.toString());
}

function write(db: Db, name: string, value: unknown): void {
  db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(name, Buffer.from(JSON.stringify(value)));
}
