import type { Clock } from '../clock.js';

/** A clock that moves only when told to. */
export class FakeClock implements Clock {
  private wallMs: number;
  private upMs = 0;
  private sleepers: { atMs: number; wake(): void }[] = [];

  constructor(startMs: number) {
    this.wallMs = startMs;
  }

  nowMs = () => this.wallMs;
  monotonicMs = () => this.upMs;

  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.sleepers.push({ atMs: this.upMs + ms, wake });
      if (signal.aborted) wake();
      else signal.addEventListener('abort', wake);
    });

  /** Lets time pass; whoever slept until then wakes. */
  async advance(ms: number): Promise<void> {
    this.upMs += ms;
    this.wallMs += ms;
    const due = this.sleepers.filter(({ atMs }) => atMs <= this.upMs);
    this.sleepers = this.sleepers.filter(({ atMs }) => atMs > this.upMs);
    for (const { wake } of due) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sets the wall clock, as an operator or NTP does; no time passes. */
  jumpTo(wallMs: number): void {
    this.wallMs = wallMs;
  }
}
