import { windowEndMs } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Windows } from '../store/windows.js';

const FIRST_GUESS_MS = 15_000;

/** Who waits for windows to become final, and how long that takes from a window's end. */
export class FinalWatch {
  private readonly waiting = new Map<number, Set<() => void>>();
  private usualLagMs = FIRST_GUESS_MS;
  private closed = false;

  constructor(
    private readonly windows: Windows,
    private readonly clock: Clock,
  ) {}

  /** To be told of the windows that became final. */
  onFinal(ids: readonly number[]): void {
    for (const id of ids) {
      for (const wake of this.waiting.get(id) ?? []) wake();
      const window = this.windows.find(id);
      if (window?.finalAtMs === undefined) continue;
      const lagMs = Math.max(0, window.finalAtMs - windowEndMs(id, window.seconds));
      this.usualLagMs += (lagMs - this.usualLagMs) / 8;
    }
  }

  /** Resolves to whether the window is final: as soon as it is, or when the signal is aborted. */
  waitFor(id: number, signal: AbortSignal): Promise<boolean> {
    const isFinal = () => this.windows.find(id)?.finalAtMs !== undefined;
    if (isFinal() || signal.aborted || this.closed) return Promise.resolve(isFinal());
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        const waiters = this.waiting.get(id);
        waiters?.delete(done);
        if (waiters?.size === 0) this.waiting.delete(id);
        resolve(isFinal());
      };
      const waiters = this.waiting.get(id) ?? new Set();
      this.waiting.set(id, waiters.add(done));
      signal.addEventListener('abort', done);
    });
  }

  /** Lets all who wait go, and whoever comes later: the daemon stops. */
  close(): void {
    this.closed = true;
    for (const waiters of [...this.waiting.values()]) for (const wake of [...waiters]) wake();
  }

  /** When a window that is not final will probably be, Unix ms; never in the past. */
  expectedFinalAtMs(id: number, seconds: number): number {
    const nowMs = this.clock.nowMs();
    // After the clock was set back a window's end may lie far ahead; it ends within two lengths all the same (`setOpen` in collector.ts).
    const endMs = Math.min(windowEndMs(id, seconds), nowMs + 2000 * seconds);
    return Math.max(endMs + Math.round(this.usualLagMs), nowMs + 1000);
  }
}
