/** The one source of time. Tests give a clock of their own. */
export interface Clock {
  /** Wall-clock time, Unix ms. May jump. */
  nowMs(): number;
  /** Time that only goes forward, in ms from some start. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
