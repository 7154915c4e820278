// A window is named by its start, in Unix seconds, and starts are multiples of the window's length. DESIGN section 2.

/** The id of the window that holds `timeMs` (Unix milliseconds), for windows of `seconds`. */
export function windowIdAt(timeMs: number, seconds: number): number {
  return Math.floor(timeMs / 1000 / seconds) * seconds;
}

/** When window `id` ends and is closed, in Unix milliseconds. */
export function windowEndMs(id: number, seconds: number): number {
  return (id + seconds) * 1000;
}

/** ISO 8601 UTC with milliseconds, as all our times are written. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
