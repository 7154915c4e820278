/** What keeps the store from working. `damaged` does not pass by itself; the others do once their cause is gone. */
export type StoreFaultKind = 'full' | 'low' | 'read_only' | 'busy' | 'failing' | 'damaged';

export interface StoreFault {
  kind: StoreFaultKind;
  /** For clients: says no path. */
  reason: string;
  /** For the operator: what is wrong and what to do. */
  detail: string;
}

/** What a fault of SQLite means for the store in `folder`; undefined for an error that is none. */
export function storeFaultOf(error: unknown, folder: string): StoreFault | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code !== 'string') return undefined;
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') {
    const detail = `the disk is full: make room on the file system of ${folder}; what waits is stored and closed then`;
    return { kind: 'full', reason: 'its disk is full', detail };
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code === 'SQLITE_PERM') {
    const detail = `${folder} or the files in it cannot be written: check their owner and mode, and that the file system is not mounted read-only`;
    return { kind: 'read_only', reason: 'its disk is read-only', detail };
  }
  if (isDamage(code)) {
    const detail = `chronos.db in ${folder} is damaged (${message ?? code}): stop anchord, keep a copy of the folder, and run "anchord fsck"`;
    return { kind: 'damaged', reason: 'it is damaged', detail };
  }
  if (code.startsWith('SQLITE_BUSY')) {
    const detail = `another program has chronos.db in ${folder} locked: end it; a backup is taken with "anchord backup"`;
    return { kind: 'busy', reason: 'it is locked', detail };
  }
  if (code.startsWith('SQLITE_IOERR')) {
    const detail = `the disk of ${folder} fails (${code}: ${message ?? ''}): look at it and at the system's log`;
    return { kind: 'failing', reason: 'its disk fails', detail };
  }
  return undefined; // a fault of the program
}

/** Whether SQLite says by this code that a file is not what it should be. */
export function isDamage(code: unknown): boolean {
  return typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
}
