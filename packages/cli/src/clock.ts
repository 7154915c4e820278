import { setTimeout as delay } from 'node:timers/promises';

/** Wall-clock time in Unix milliseconds. */
export function nowMs(): number {
  return Date.now();
}

/** Waits; ends early, without an error, when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
