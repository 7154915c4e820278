import { randomFillSync } from 'node:crypto';
import { ChronosError, HASH_BYTES, ReceiptWriter, SALT_BYTES, windowEndMs, windowIdAt } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import { ADMITTED_BYTES, type Admissions } from '../store/admissions.js';
import type { Store } from '../store/store.js';
import type { StoreFault } from '../store/store-fault.js';
import type { StoreWatch } from '../store/store-watch.js';
import type { Windows } from '../store/windows.js';
import type { DigestTable } from './digest-table.js';
import type { WindowSpan } from './indexer-protocol.js';
import type { KeyedHash } from './keyed-hash.js';
import type { KnownDigests } from './known-digests.js';

/** The window that takes digests now. `table` counts what is in it. */
export interface OpenWindow {
  id: number;
  seconds: number;
  firstPlace: number;
  table: DigestTable;
  /** When it ends, on the clock that never goes back: a wall clock that is set back must not keep it open. */
  endsAtMonotonicMs: number;
}

export interface CollectorOptions {
  store: Store;
  storeWatch: Pick<StoreWatch, 'refusal' | 'failed' | 'look'>;
  admissions: Admissions;
  windows: Windows;
  known: KnownDigests;
  hash: KeyedHash;
  clock: Clock;
  logger: Logger;
  /** No window with this id or a lower one is opened, for a lost store may have used it. */
  windowFloor: () => number;
  settings: { windowSeconds: number; maxWindowDigests: number; maxWaitingDigests: number };
  /** Digests were answered by one commit, which with the look-ups before it took so long. */
  onCommitted?(commit: { accepted: number; exists: number; seconds: number }): void;
  /** The store did not take a commit. */
  onCommitFailed?(): void;
  /** New digests of a window are in the store. */
  onAdmitted(span: WindowSpan): void;
  /** A window takes no more digests; `count` are in it, at least one. */
  onEnded(span: WindowSpan): void;
}

interface Waiting {
  digests: Uint8Array;
  resolve: (receipts: Uint8Array) => void;
  reject: (error: unknown) => void;
}

/** The most digests of one commit: some ten milliseconds of work. */
const MAX_COMMIT = 10_000;
/** Until a store that could not be read is asked again. */
const RETRY_MS = 1_000;

/**
 * Admits digests: gives each a salt and the next place, and answers when all that waited with it are in the store, by one commit.
 */
export class Collector {
  private open: OpenWindow | undefined;
  /** The place of the next window's first digest, and the id of the last window that there was. */
  private nextPlace = 0;
  private lastWindowId = -1;
  private waiting: Waiting[] = [];
  private waitingDigests = 0;
  private scheduled = false;
  /** A commit failed, or was persisted and reported as failed: `open` may be wrong. */
  private mustReload = false;
  private readonly knownSeconds = new Map<number, number>();
  private readonly stop = new AbortController();

  constructor(private readonly options: CollectorOptions) {
    this.recover();
  }

  /** The window that is open now, if a digest has opened one. */
  get openWindow(): OpenWindow | undefined {
    return this.open;
  }

  /** How many digests wait for their commit. */
  get backlog(): number {
    return this.waitingDigests;
  }

  /** The id of the window that a digest admitted now would go to. */
  get currentWindowId(): number {
    return this.open?.id ?? this.nextWindowId(this.options.clock.nowMs());
  }

  /** `digests`: n times 32 bytes, at least one. Resolves to n receipts (see the private protocol) when they are durable. */
  admit(digests: Uint8Array): Promise<Uint8Array> {
    const count = digests.length / HASH_BYTES;
    if (this.stop.signal.aborted) return Promise.reject(overloaded('anchord is stopping'));
    const { refusal } = this.options.storeWatch;
    if (refusal !== undefined) return Promise.reject(refusedBy(refusal));
    if (this.waitingDigests + count > this.options.settings.maxWaitingDigests) {
      return Promise.reject(overloaded('too many digests wait to be stored'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ digests, resolve, reject });
      this.waitingDigests += count;
      this.schedule();
    });
  }

  /** Ends the open window if its time is up, or at once when `now` is set. Digests that wait go to the next. */
  endWindow({ now = false } = {}): void {
    if (this.mustReload && !this.tryReload()) {
      this.endLater(now);
      return;
    }
    const { open, options } = this;
    if (open === undefined) return;
    const isDue =
      options.clock.nowMs() >= windowEndMs(open.id, open.seconds) ||
      options.clock.monotonicMs() >= open.endsAtMonotonicMs;
    if (!isDue && !now) return;
    this.open = undefined;
    // One more place for the last digest, which the closer adds to a window of two or more.
    this.nextPlace = open.firstPlace + open.table.size + (open.table.size > 1 ? 1 : 0);
    options.onEnded({ window: open.id, firstPlace: open.firstPlace });
  }

  private endLater(now: boolean): void {
    const id = this.open?.id;
    void this.options.clock.sleep(RETRY_MS, this.stop.signal).then(() => {
      if (this.open?.id === id && !this.stop.signal.aborted) this.endWindow({ now });
    });
  }

  /** Stores what waits, then takes no more. The open window stays open in the store. */
  close(): void {
    while (this.waiting.length > 0) this.flush();
    this.stop.abort();
  }

  /** Takes up what an earlier run left in the store. */
  private recover(): void {
    const { windows, admissions, known } = this.options;
    const last = windows.findLast();
    if (last === undefined) return;
    this.lastWindowId = last.id;
    this.nextPlace = admissions.end();
    for (const { id, seconds, firstPlace, dcrtimeRoot } of windows.listUnclosed()) {
      const table = known.tableOf(id, firstPlace);
      if (id === last.id && dcrtimeRoot === undefined) this.endInTime(this.setOpen(id, seconds, firstPlace, table));
      else this.options.onEnded({ window: id, firstPlace });
    }
    // One that a backup holds open is closed as it is: the lost store may have put more digests into it.
    this.endWindow({ now: last.id <= this.options.windowFloor() });
  }

  /** After a commit that failed, or was persisted and then reported as failed: what the store holds of the open window is the truth. */
  private reloadOpenWindow(): void {
    const { windows, known } = this.options;
    if (this.open !== undefined) {
      const { id } = this.open;
      known.forget(id);
      const row = windows.find(id);
      if (row === undefined) {
        this.lastWindowId = windows.findLast()?.id ?? -1;
        this.open = undefined;
      } else this.endInTime(this.setOpen(id, row.seconds, row.firstPlace, known.tableOf(id, row.firstPlace)));
    }
    this.mustReload = false;
  }

  private openNext(nowMs: number): OpenWindow {
    const id = this.nextWindowId(nowMs);
    const table = this.options.known.tableOf(id, this.nextPlace);
    return this.setOpen(id, this.options.settings.windowSeconds, this.nextPlace, table);
  }

  private setOpen(id: number, seconds: number, firstPlace: number, table: DigestTable): OpenWindow {
    const { clock } = this.options;
    // After the wall clock was set back, the next id may lie far ahead: such a window ends before its name says, and so ids are caught up with.
    const untilEndMs = Math.min(windowEndMs(id, seconds) - clock.nowMs(), 2000 * seconds);
    const endsAtMonotonicMs = clock.monotonicMs() + untilEndMs;
    this.open = { id, seconds, firstPlace, table, endsAtMonotonicMs };
    this.lastWindowId = id;
    return this.open;
  }

  private endInTime({ id, endsAtMonotonicMs }: OpenWindow): void {
    const { clock } = this.options;
    void clock.sleep(Math.max(0, endsAtMonotonicMs - clock.monotonicMs()), this.stop.signal).then(() => {
      // A timer may fire a little early; `endWindow` is asked again when digests come, and here.
      if (this.open?.id === id && !this.stop.signal.aborted) this.endWindow({ now: true });
    });
  }

  /** The aligned start of the window at `nowMs`, or the first one after the last window: ids never go back, whatever the clock does. */
  private nextWindowId(nowMs: number): number {
    const { windowSeconds } = this.options.settings;
    return Math.max(
      windowIdAt(nowMs, windowSeconds),
      (Math.floor(Math.max(this.lastWindowId, this.options.windowFloor()) / windowSeconds) + 1) * windowSeconds,
    );
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // After this turn's input: all requests that arrived together are committed together.
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private flush(): void {
    const batch: Waiting[] = [];
    let count = 0;
    for (const next of this.waiting) {
      const digests = next.digests.length / HASH_BYTES;
      if (batch.length > 0 && count + digests > MAX_COMMIT) break;
      batch.push(next);
      count += digests;
    }
    if (batch.length === 0) return;
    this.waiting.splice(0, batch.length);
    this.waitingDigests -= count;
    const { clock } = this.options;
    const startMs = clock.monotonicMs();
    try {
      const { receipts, accepted } = this.admitTogether(batch, count);
      batch.forEach(({ resolve }, i) => {
        resolve(receipts[i]!);
      });
      this.options.onCommitted?.({
        accepted,
        exists: count - accepted,
        seconds: (clock.monotonicMs() - startMs) / 1000,
      });
    } catch (error) {
      this.options.known.setUncommitted(undefined);
      const refusal = error instanceof ChronosError ? error : this.commitFailed(error);
      for (const { reject } of batch) reject(refusal);
    }
  }

  /** Tells of the fault; what the store holds is the truth now. Gives what the callers are told. */
  private commitFailed(error: unknown): ChronosError {
    const { logger, storeWatch } = this.options;
    const fault = storeWatch.failed(error);
    if (fault === undefined) logger.error({ err: error }, 'the store did not take digests; they were refused');
    this.options.onCommitFailed?.();
    this.mustReload = true;
    this.tryReload();
    return fault === undefined
      ? overloaded('the store takes no digests at the moment', error)
      : refusedBy(fault, error);
  }

  /** Whether what is in memory is what the store holds. A store that cannot be read either is asked again, before anything is decided. */
  private tryReload(): boolean {
    try {
      if (this.mustReload) this.reloadOpenWindow();
      return true;
    } catch (error) {
      if (this.options.storeWatch.failed(error) === undefined) throw error;
      return false;
    }
  }

  /** Admits a batch in one transaction; gives the receipts of each caller, and how many digests were new. */
  private admitTogether(batch: readonly Waiting[], count: number): { receipts: Uint8Array[]; accepted: number } {
    const { known, hash, clock, settings, store, windows, admissions } = this.options;
    if (this.mustReload) this.reloadOpenWindow();
    this.endWindow();
    const nowMs = clock.nowMs();
    const isNew = this.open === undefined;
    const { lastWindowId } = this;
    const open = this.open ?? this.openNext(nowMs);
    const firstNew = open.firstPlace + open.table.size;
    if (open.table.size + count > settings.maxWindowDigests) {
      throw overloaded('this window is full', undefined, windowEndMs(open.id, open.seconds) - nowMs);
    }
    const admitted = new Uint8Array(count * ADMITTED_BYTES);
    const salts = randomFillSync(new Uint8Array(count * SALT_BYTES));
    known.setUncommitted({ firstPlace: firstNew, bytes: admitted });
    let added = 0;
    const receipts = batch.map(({ digests }) => {
      const writer = new ReceiptWriter(digests.length / HASH_BYTES);
      const write = (status: 'accepted' | 'exists', number: number) => {
        writer.write(status, admitted, number * ADMITTED_BYTES + HASH_BYTES, nowMs, open.id, open.seconds);
      };
      for (let at = 0; at < digests.length; at += HASH_BYTES) {
        const place = known.find(digests, at);
        if (place < 0) {
          const to = added * ADMITTED_BYTES;
          for (let i = 0; i < HASH_BYTES; i++) admitted[to + i] = digests[at + i]!;
          for (let i = 0; i < SALT_BYTES; i++) admitted[to + HASH_BYTES + i] = salts[added * SALT_BYTES + i]!;
          open.table.add(hash);
          write('accepted', added++);
        } else if (place >= firstNew) {
          write('exists', place - firstNew);
        } else {
          this.writeExisting(writer, place);
        }
      }
      return writer.bytes;
    });
    if (added > 0) {
      store.transaction(() => {
        if (isNew) windows.insert(open.id, open.seconds, open.firstPlace);
        admissions.append(firstNew, open.id, nowMs, admitted.subarray(0, added * ADMITTED_BYTES));
      });
      this.options.storeWatch.look();
      if (isNew) this.endInTime(open);
      this.options.onAdmitted({ window: open.id, firstPlace: open.firstPlace });
    } else if (isNew) {
      // Nothing new came: the window was not opened after all. Its id stays free, or known digests could push the next window far ahead.
      known.forget(open.id);
      this.open = undefined;
      this.lastWindowId = lastWindowId;
    }
    known.setUncommitted(undefined);
    return { receipts, accepted: added };
  }

  private writeExisting(writer: ReceiptWriter, place: number): void {
    const { bytes, receivedAtMs, window } = this.options.admissions.find(place)!;
    writer.write('exists', bytes, HASH_BYTES, receivedAtMs, window, this.secondsOf(window));
  }

  /** The length of a window that there was: it never changes, and is asked for with each known digest. */
  private secondsOf(window: number): number {
    if (this.open?.id === window) return this.open.seconds;
    let seconds = this.knownSeconds.get(window);
    if (seconds === undefined) {
      seconds = this.options.windows.find(window)!.seconds;
      if (this.knownSeconds.size >= 10_000) this.knownSeconds.clear();
      this.knownSeconds.set(window, seconds);
    }
    return seconds;
  }
}

function refusedBy({ reason }: StoreFault, cause?: unknown): ChronosError {
  return overloaded(`the store takes no digests at the moment, for ${reason}`, cause, 5000);
}

function overloaded(why: string, cause?: unknown, waitMs = 1000): ChronosError {
  return new ChronosError(
    'overloaded',
    `${why}: nothing was stored, send it again in a moment`,
    // Spread out, so that all who were refused do not come back together.
    { retryAfterSeconds: Math.ceil(waitMs / 1000 + Math.random() * Math.max(2, waitMs / 2000)) },
    cause,
  );
}
