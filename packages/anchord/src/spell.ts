/** Over when nothing happened for this long. What comes and goes within it is one spell: a fault at every other call is not told each time. */
const CALM_MS = 120_000;
/** A spell that lasts is told again, as if it were a new one. */
const REMIND_MS = 30 * 60_000;

/** Things of one kind that happen close after one another, to be told once and not thousands of times. */
export class Spell {
  sinceMs: number | undefined;
  private count = 0;
  private lastMs = -Infinity;
  private toldMs = -Infinity;

  /** Whether this is to be told. */
  note(nowMs: number): boolean {
    if (this.sinceMs === undefined || nowMs - this.lastMs >= CALM_MS) {
      this.sinceMs = nowMs;
      this.count = 0;
      this.toldMs = -Infinity;
    }
    this.lastMs = nowMs;
    this.count++;
    if (nowMs - this.toldMs < REMIND_MS) return false;
    this.toldMs = nowMs;
    return true;
  }

  /** What it came to, where it is over by now; told once. */
  end(nowMs: number): { count: number; lastedMs: number } | undefined {
    if (this.sinceMs === undefined || nowMs - this.lastMs < CALM_MS) return undefined;
    const ended = { count: this.count, lastedMs: this.lastMs - this.sinceMs };
    this.sinceMs = undefined;
    return ended;
  }
}
