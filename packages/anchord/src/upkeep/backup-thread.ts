import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { writeBackupMark } from './backup-mark.js';
import { type StoreSummary, summarize } from './store-summary.js';

// The backup's thread: it reads one state of the store through a connection of its own, so that the thread that commits does none of the
// work and waits for none of it. While it reads, the write-ahead log keeps what is committed and cannot start anew; it only grows.

export interface BackupTask {
  storeFile: string;
  /** An empty file, which becomes the backup. */
  copy: string;
  madeAtMs: number;
}

export type FromBackup = { copied: number; total: number } | { done: StoreSummary } | { error: string };

/** 4 MB of the store's pages. What was copied is brought to disk bit by bit: one flush of it all at the end would hold up the daemon's own. */
const PAGES_A_STEP = 256;

if (parentPort === null) throw new Error('this file is the backup’s thread; upkeep/backup.ts starts it');
const port = parentPort;
const post = (message: FromBackup) => port.postMessage(message);

async function copyStore({ storeFile, copy, madeAtMs }: BackupTask): Promise<void> {
  const store = new Database(storeFile, { readonly: true, fileMustExist: true });
  let summary: StoreSummary;
  const file = openSync(copy, 'r+');
  try {
    store.exec('BEGIN'); // one state, whatever is committed meanwhile
    summary = summarize(store);
    await store.backup(copy, {
      progress: ({ totalPages, remainingPages }) => {
        fdatasyncSync(file);
        post({ copied: totalPages - remainingPages, total: totalPages });
        return PAGES_A_STEP;
      },
    });
    store.exec('COMMIT');
  } finally {
    store.close();
    closeSync(file);
  }
  check(copy, summary, madeAtMs);
  const finished = openSync(copy, 'r');
  fsyncSync(finished);
  closeSync(finished);
  post({ done: summary });
}

/** Marks the copy, makes it a single file, and reads all of it again. */
function check(copy: string, expected: StoreSummary, madeAtMs: number): void {
  const db = new Database(copy);
  try {
    db.pragma('journal_mode = DELETE');
    writeBackupMark(db, { madeAtMs });
    const [fault] = db.pragma('integrity_check(1)') as { integrity_check: string }[];
    if (fault?.integrity_check !== 'ok')
      throw new Error(
        `the copy is damaged: ${fault?.integrity_check ?? 'no answer'}; look at the store with anchord fsck`,
      );
    const found = summarize(db);
    if (JSON.stringify(found) !== JSON.stringify(expected))
      throw new Error(`the copy holds ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  } finally {
    db.close();
  }
}

copyStore(workerData as BackupTask).catch((error: unknown) => {
  post({ error: (error as Error).message });
});
