import { ChronosError } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Exchange } from '../http/exchange.js';
import { HeadCount } from '../http/head-count.js';
import type { Logger } from '../logger.js';
import type { AnchordClient } from './anchord-client.js';

/** Why a waiting client was let go. `as-it-stands`: it cannot be waited for now; there is nothing newer to look up. */
export type Released = 'final' | 'time-up' | 'as-it-stands' | 'gone';

export interface WindowWaitsOptions {
  anchord: Pick<AnchordClient, 'waitForWindow'>;
  clock: Clock;
  logger: Logger;
  maxWaiters: number;
  maxWaitersPerClient: number;
  maxWindows: number;
}

interface Waiter {
  untilMs: number;
  release: (why: Released) => void;
}

/** A window that clients wait for: they all share one held call to anchord. */
interface Watch {
  waiters: Set<Waiter>;
  stop: AbortController;
}

const LONGEST_CALL_SECONDS = 60;

/** Clients that wait for windows to become final. */
export class WindowWaits {
  private readonly watches = new Map<number, Watch>();
  private readonly waitersOf = new HeadCount();
  private waiterCount = 0;
  private closed = false;

  constructor(private readonly options: WindowWaitsOptions) {}

  /** How many wait. */
  get count(): number {
    return this.waiterCount;
  }

  /** Resolves when the window is final, when `waitMs` are over, when the client goes away, or at once when too many wait. */
  wait(windowId: number, waitMs: number, { res, client }: Pick<Exchange, 'res' | 'client'>): Promise<Released> {
    const { maxWaiters, maxWaitersPerClient, maxWindows, clock } = this.options;
    if (res.destroyed) return Promise.resolve('gone');
    const existing = this.watches.get(windowId);
    const isFull = this.waiterCount >= maxWaiters || (existing === undefined && this.watches.size >= maxWindows);
    if (this.closed || isFull || !this.waitersOf.enter(client, maxWaitersPerClient)) {
      return Promise.resolve('as-it-stands');
    }

    const watch = existing ?? { waiters: new Set(), stop: new AbortController() };
    return new Promise((resolve) => {
      const release = (why: Released) => {
        clearTimeout(timer);
        res.off('close', leave);
        if (!watch.waiters.delete(waiter)) return;
        this.waiterCount--;
        this.waitersOf.leave(client);
        if (watch.waiters.size === 0) this.end(windowId, watch);
        resolve(why);
      };
      const leave = () => {
        release('gone');
      };
      const timer = setTimeout(release, waitMs, 'time-up');
      res.once('close', leave);
      const waiter = { untilMs: clock.monotonicMs() + waitMs, release };
      watch.waiters.add(waiter);
      this.waiterCount++;
      if (existing === undefined) {
        this.watches.set(windowId, watch);
        void this.run(windowId, watch);
      }
    });
  }

  /** Lets all go, and whoever comes later. */
  close(): void {
    this.closed = true;
    for (const watch of this.watches.values()) releaseAll(watch, 'as-it-stands');
  }

  private end(windowId: number, watch: Watch): void {
    if (this.watches.get(windowId) === watch) this.watches.delete(windowId);
    watch.stop.abort();
  }

  private async run(windowId: number, watch: Watch): Promise<void> {
    const { anchord, clock, logger } = this.options;
    try {
      while (watch.waiters.size > 0) {
        const startedMs = clock.monotonicMs();
        const seconds = longestWaitSeconds(watch, startedMs);
        if (await anchord.waitForWindow(windowId, seconds, watch.stop.signal)) releaseAll(watch, 'final');
        // An anchord that is closing lets its held calls go early. Asking again at once would spin.
        else if (clock.monotonicMs() - startedMs < (seconds * 1000) / 2) releaseAll(watch, 'as-it-stands');
      }
    } catch (error) {
      if (!(error instanceof ChronosError)) logger.error({ err: error, windowId }, 'waiting for a window failed');
      releaseAll(watch, 'as-it-stands');
    }
  }
}

function longestWaitSeconds({ waiters }: Watch, nowMs: number): number {
  let longestMs = 0;
  for (const { untilMs } of waiters) longestMs = Math.max(longestMs, untilMs - nowMs);
  return Math.min(LONGEST_CALL_SECONDS, Math.ceil(longestMs / 1000));
}

function releaseAll({ waiters }: Watch, why: Released): void {
  for (const { release } of [...waiters]) release(why);
}
