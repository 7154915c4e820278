import type { Clock } from '../clock.js';

/** A clock that moves only when told to. */
export class FakeClock implements Clock {
  private wallMs: number;
  private upMs = 0;
  private sleepers: { atMs: number; wake(): void }[] = [];
  private watchers: (() => void)[] = [];

  constructor(startMs: number) {
    this.wallMs = startMs;
  }

  nowMs = () => this.wallMs;
  monotonicMs = () => this.upMs;

  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const sleeper = {
        atMs: this.upMs + ms,
        wake: () => {
          signal.removeEventListener('abort', sleeper.wake);
          this.sleepers = this.sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      this.sleepers.push(sleeper);
      if (signal.aborted) sleeper.wake();
      else signal.addEventListener('abort', sleeper.wake);
      for (const watcher of this.watchers.splice(0)) watcher();
    });

  /** Resolves as soon as somebody sleeps. */
  async whenAsleep(): Promise<void> {
    while (this.sleepers.length === 0) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  /** Lets time pass; whoever slept until then wakes. */
  async advance(ms: number): Promise<void> {
    this.upMs += ms;
    this.wallMs += ms;
    for (const { wake } of this.sleepers.filter(({ atMs }) => atMs <= this.upMs)) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sets the wall clock, as an operator or NTP does; no time passes. */
  jumpTo(wallMs: number): void {
    this.wallMs = wallMs;
  }
}
