import { statfsSync } from 'node:fs';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { Store } from './store.js';
import { type StoreFault, storeFaultOf } from './store-fault.js';

export interface StoreWatchOptions {
  store: Pick<Store, 'db' | 'transaction'>;
  folder: string;
  /** Below this many free bytes no digests are taken: the room that is left is for closing and anchoring what was. */
  reserveBytes: number;
  clock: Clock;
  logger: Logger;
  freeBytes?: (folder: string) => number;
}

const CHECK_MS = 1_000;
/** What has to fit for the store to be well again: more than the largest commit writes. */
const PROBE_BYTES = 1024 * 1024;

/**
 * Whether the store can take digests. Whoever meets a fault of the disk tells it here; until the fault has passed, digests are refused at the
 * door, for every try would cost as much as the failed one did. It looks once a second, and goes on by itself.
 */
export class StoreWatch {
  private readonly stop = new AbortController();
  private current: StoreFault | undefined;
  private contradiction: StoreFault | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly options: StoreWatchOptions) {
    this.checkRoom();
  }

  /** Why no digests are taken now. */
  get refusal(): StoreFault | undefined {
    return this.current;
  }

  /** What is wrong now, whether digests are taken or not. */
  get fault(): StoreFault | undefined {
    return this.current ?? this.contradiction;
  }

  /** To be called after each commit, for a flood fills a disk in less than a second. Costs a system call of some microseconds. */
  look(): void {
    if (this.current === undefined) this.checkRoom();
  }

  start(): void {
    this.running ??= this.run();
  }

  /** A read or write failed. Gives the fault, where it is one of the store's. */
  failed(error: unknown): StoreFault | undefined {
    const fault = storeFaultOf(error, this.options.folder);
    if (fault !== undefined) this.note(fault);
    return fault;
  }

  /** What SQLite cannot see: the content contradicts itself. What it concerns is not given out; all else goes on. */
  contradicts(what: string): void {
    const detail = `${what}: chronos.db in ${this.options.folder} is damaged. Stop anchord, keep a copy of the folder, and run "anchord fsck"`;
    this.contradiction = { kind: 'damaged', reason: 'it is damaged', detail };
    this.options.logger.error({ fault: 'damaged', detail }, 'the store contradicts itself');
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private note(fault: StoreFault): void {
    // Damage is told whatever else is wrong, and nothing makes it good.
    if (this.current?.kind === 'damaged' || this.current?.kind === fault.kind) return;
    this.current = fault;
    this.options.logger.error({ fault: fault.kind, detail: fault.detail }, 'the store takes no digests');
  }

  private async run(): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.stop;
    for (; !signal.aborted; await clock.sleep(CHECK_MS, signal)) {
      if (this.current?.kind !== 'damaged') this.check();
    }
  }

  private check(): void {
    if (!this.checkRoom()) return;
    if (this.current === undefined) return;
    if (this.current.kind !== 'low' && !this.probe()) return;
    this.current = undefined;
    this.options.logger.info('the store takes digests again');
  }

  /** Whether there is more room than the reserve; somewhat more, where there was not. */
  private checkRoom(): boolean {
    const { folder, reserveBytes, freeBytes = freeBytesOf } = this.options;
    const free = freeBytes(folder);
    if (free >= this.wantedBytes()) return true;
    // A disk that is full altogether, or fails otherwise, stays the graver news.
    if (this.current === undefined) {
      const detail = `only ${mb(free)} MB are free on the file system of ${folder}, and ${mb(reserveBytes)} MB are kept for what was accepted already (CHRONOS_RESERVE_MB): make room; windows go on being closed and anchored`;
      this.note({ kind: 'low', reason: 'its disk is nearly full', detail });
    }
    return false;
  }

  /** More than the reserve, once there was less; and on a disk that was full, more than the commits find room for in files that are there. */
  private wantedBytes(): number {
    const { reserveBytes } = this.options;
    if (this.current === undefined) return reserveBytes;
    return Math.max(reserveBytes * 1.1, this.current.kind === 'full' ? 4 * PROBE_BYTES : 0);
  }

  /** Whether a commit gets onto the disk. */
  private probe(): boolean {
    const { store } = this.options;
    try {
      store.transaction(() =>
        store.db.prepare("INSERT OR REPLACE INTO meta VALUES ('probe', zeroblob(?))").run(PROBE_BYTES),
      );
      store.transaction(() => store.db.prepare("DELETE FROM meta WHERE name = 'probe'").run());
      return true;
    } catch (error) {
      if (this.failed(error) === undefined) throw error;
      return false;
    }
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function mb(bytes: number): number {
  return Math.floor(bytes / (1024 * 1024));
}
