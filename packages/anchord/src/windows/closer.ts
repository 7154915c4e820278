import { randomBytes } from 'node:crypto';
import { concatBytes, HASH_BYTES, SALT_BYTES } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { Admissions } from '../store/admissions.js';
import type { Store } from '../store/store.js';
import type { StoreWatch } from '../store/store-watch.js';
import type { WindowLog } from '../store/window-log.js';
import type { WindowRow, Windows } from '../store/windows.js';
import type { Indexer } from './indexer.js';
import type { IndexedWindow, WindowSpan } from './indexer-protocol.js';
import type { KnownDigests } from './known-digests.js';

export interface CloserOptions {
  store: Store;
  storeWatch: StoreWatch;
  admissions: Admissions;
  windows: Windows;
  log: WindowLog;
  indexer: Indexer;
  known: KnownDigests;
  clock: Clock;
  logger: Logger;
  /** The chains that closed windows are to be anchored on. */
  chains: readonly string[];
  /** Closing it took so long. */
  onClosed: (window: number, seconds: number) => void;
}

const RETRY_MS = 2_000;

/**
 * Closes ended windows, one after the other, in the order they ended: adds the last digest, computes the root, appends the record to the
 * log. Each step is found done or done again after a crash: recovery and normal running are the same function.
 */
export class Closer {
  private readonly stop = new AbortController();
  private queue: Promise<void> = Promise.resolve();
  private readonly indexing = new Set<Promise<void>>();

  constructor(private readonly options: CloserOptions) {}

  /** Closes a window after those that were handed over before it; goes on trying until it is closed or the daemon stops. */
  closeSoon(span: WindowSpan): void {
    this.queue = this.queue.then(async () => {
      while (!this.stop.signal.aborted) {
        try {
          await this.closeWindow(span);
          return;
        } catch (error) {
          if (this.stop.signal.aborted) return;
          this.tell(error, span, 'the window could not be closed; trying again');
          await this.options.clock.sleep(RETRY_MS, this.stop.signal);
        }
      }
    });
  }

  /** Resolves when all windows handed over so far are closed and indexed. */
  async settled(): Promise<void> {
    await this.queue;
    await Promise.all(this.indexing);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.queue;
  }

  private async closeWindow(span: WindowSpan): Promise<void> {
    const { windows, store, indexer, log, chains, clock, onClosed } = this.options;
    const window = windows.find(span.window)!;
    if (window.closed === undefined) {
      const startMs = clock.monotonicMs();
      if (window.dcrtimeRoot === undefined) await this.addLastDigest(window);
      const treeSize = this.countDigests(window);
      const root = await indexer.finish(span, treeSize);
      store.transaction(() => {
        const logIndex = windows.logSize();
        const logRoot = log.append(logIndex, window.id, treeSize, root);
        windows.close(window.id, { atMs: clock.nowMs(), treeSize, root, logIndex, logRoot }, chains);
      });
      this.options.logger.info({ window: window.id, digests: treeSize }, 'window closed');
      onClosed(window.id, (clock.monotonicMs() - startMs) / 1000);
    }
    this.indexLater(span);
  }

  /** The dcrtime-style root of the window's digests becomes its last digest; of a single digest it is that digest itself. */
  private async addLastDigest(window: WindowRow): Promise<void> {
    const { store, admissions, windows, indexer, known, clock } = this.options;
    const { id, firstPlace } = window;
    const count = this.countDigests(window);
    if (count === 1) {
      store.transaction(() => {
        windows.setDcrtimeRoot(id, admissions.read(firstPlace, firstPlace + 1).subarray(0, HASH_BYTES));
      });
      return;
    }
    const root = await indexer.dcrtimeRoot({ window: id, firstPlace }, count);
    store.transaction(() => {
      admissions.append(firstPlace + count, id, clock.nowMs(), concatBytes(root, randomBytes(SALT_BYTES)));
      windows.setDcrtimeRoot(id, root);
    });
    known.addTo(known.tableOf(id, firstPlace), root, 0);
  }

  private countDigests({ id, firstPlace }: WindowRow): number {
    const { windows, admissions } = this.options;
    const next = windows.findNext(id);
    return admissions.end(next?.firstPlace) - firstPlace;
  }

  private indexLater(span: WindowSpan): void {
    const { closed } = this.options.windows.find(span.window)!;
    if (closed === undefined) throw new Error(`window ${span.window} is not closed`);
    const work = this.indexUntilDone(span, closed).finally(() => this.indexing.delete(work));
    this.indexing.add(work);
  }

  /** Until it is done the window's digests are found in memory; where the daemon stops before, the next start does it. */
  private async indexUntilDone(span: WindowSpan, closed: IndexedWindow): Promise<void> {
    const { indexer, known, clock } = this.options;
    while (!this.stop.signal.aborted) {
      try {
        await indexer.index(span, closed);
        known.forget(span.window);
        return;
      } catch (error) {
        if (this.stop.signal.aborted) return;
        this.tell(error, span, 'the window could not be indexed; trying again');
        await clock.sleep(RETRY_MS, this.stop.signal);
      }
    }
  }

  /** A fault of the disk is told once, by the watch, for it comes again with every try. */
  private tell(error: unknown, { window }: WindowSpan, what: string): void {
    const { storeWatch, logger } = this.options;
    if (storeWatch.failed(error) === undefined) logger.error({ err: error, window }, what);
  }
}
