import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { ChronosError, isoTime } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { BackupTask, FromBackup } from './backup-thread.js';
import type { StoreSummary } from './store-summary.js';

export interface BackupOptions {
  /** The store's database file, in use or not. */
  storeFile: string;
  /** Where the backup goes. */
  target: string;
  /** Whether a file that stands there is replaced. */
  force?: boolean;
  clock: Clock;
  /** Gives the backup up; nothing is left of it. */
  signal?: AbortSignal;
  /** Pages copied so far, of how many. */
  onProgress?: (copied: number, total: number) => void;
}

export interface BackupReport extends StoreSummary {
  file: string;
  bytes: number;
  /** The backup holds all that was acknowledged before this moment. */
  madeAt: string;
  tookMs: number;
}

/**
 * Copies one state of the store, as it is when this is called, into a single file: checked, on disk and readable by its owner alone when it
 * appears under its name. The store is only read, in a thread of its own. Throws `invalid_request` for a target that cannot be, and
 * `backup_failed`.
 */
export async function backupStore(options: BackupOptions): Promise<BackupReport> {
  const { storeFile, clock, signal, onProgress } = options;
  const startMs = clock.monotonicMs();
  const madeAtMs = clock.nowMs();
  const target = checkTarget(options);
  const copy = `${target}.part`;
  createAlone(copy);
  try {
    const summary = await runThread({ storeFile, copy, madeAtMs }, signal, onProgress);
    const { size: bytes } = statSync(copy);
    checkTarget(options);
    renameSync(copy, target);
    syncFolder(dirname(target));
    const tookMs = Math.round(clock.monotonicMs() - startMs);
    return { file: target, bytes, madeAt: isoTime(madeAtMs), ...summary, tookMs };
  } catch (error) {
    for (const suffix of ['', '-journal']) rmSync(copy + suffix, { force: true });
    if (error instanceof ChronosError) throw error;
    throw failed(`the store was not backed up to ${target}: ${(error as Error).message}`, error);
  }
}

/** The whole path of a file that is to be made beside a store. Throws `invalid_request`. */
export function checkTarget({
  storeFile,
  target: given,
  force = false,
}: Pick<BackupOptions, 'storeFile' | 'target' | 'force'>): string {
  const folder = dirname(resolve(given));
  if (!existsSync(storeFile)) throw refused(`there is no store ${storeFile}`);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw refused(`there is no folder ${folder}: make it first`);
  const target = join(realpathSync(folder), basename(given));
  // Its own files stand there, and whatever kills them kills the backup.
  if (dirname(target) === realpathSync(dirname(storeFile)))
    throw refused(`${target} is in the folder of the store: name a file elsewhere, on another disk if you can`);
  if (existsSync(target)) {
    if (!statSync(target).isFile()) throw refused(`${target} is not a file`);
    if (!force)
      throw refused(`${target} is there already: name another file, or say that it may be replaced (--force)`);
  }
  return target;
}

/** Makes the empty file. One that an earlier backup left when it was killed is taken away; one that is being written is not. */
function createAlone(copy: string): void {
  try {
    if (existsSync(copy) && !isInUse(copy)) rmSync(copy);
    closeSync(openSync(copy, 'wx', 0o600));
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'another backup is writing it' : (error as Error).message;
    throw failed(`${copy} cannot be made: ${why}`, error);
  }
}

function isInUse(file: string): boolean {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'SQLITE_BUSY';
  } finally {
    db.close();
  }
}

function runThread(
  task: BackupTask,
  signal: AbortSignal | undefined,
  onProgress: BackupOptions['onProgress'],
): Promise<StoreSummary> {
  return new Promise((resolveWith, reject) => {
    if (signal?.aborted) {
      reject(new Error('it was given up'));
      return;
    }
    const worker = new Worker(new URL('./backup-thread.js', import.meta.url), { workerData: task });
    const giveUp = () => void worker.terminate();
    signal?.addEventListener('abort', giveUp);
    let result: StoreSummary | undefined;
    let fault: Error | undefined;
    worker.on('message', (message: FromBackup) => {
      if ('copied' in message) onProgress?.(message.copied, message.total);
      else if ('error' in message) fault = new Error(message.error);
      else result = message.done;
    });
    worker.once('error', (error) => (fault = error));
    worker.once('exit', () => {
      signal?.removeEventListener('abort', giveUp);
      if (result !== undefined && !signal?.aborted) resolveWith(result);
      else reject(fault ?? new Error('it was given up'));
    });
  });
}

/** A name is on disk when its folder is. */
export function syncFolder(folder: string): void {
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function refused(message: string): ChronosError {
  return new ChronosError('invalid_request', message, { field: 'file' });
}

function failed(message: string, cause: unknown): ChronosError {
  return new ChronosError('backup_failed', message, {}, cause);
}
