import { pause } from '../clock.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** How long to wait after the `faults`-th failure in a row. A service that said when to come again is not asked before. */
export function retryMs(faults: number, error: unknown, random = Math.random()): number {
  const backoff = Math.min(FIRST_RETRY_MS * 2 ** (faults - 1), LONGEST_RETRY_MS);
  return Math.max(backoff * (0.75 + random / 2), retryAfterMs(error));
}

/** Whether the service understood and said no: asking again would not help. Anything else may pass. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('status' in error)) return false;
  const { code, status } = error;
  if (code === 'rate_limited' || code === 'request_timeout' || code === 'service_unreachable') return false;
  return typeof status === 'number' && status >= 400 && status < 500;
}

function retryAfterMs(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('details' in error)) return 0;
  const { retryAfterSeconds } = error.details as { retryAfterSeconds?: unknown };
  return typeof retryAfterSeconds === 'number' ? Math.min(retryAfterSeconds * 1000, LONGEST_RETRY_MS) : 0;
}

/** Waits, but not past the moment at which the device is online again. */
export async function pauseOrOnline(ms: number, signal: AbortSignal): Promise<void> {
  const online = new AbortController();
  const wake = () => {
    online.abort();
  };
  addEventListener('online', wake);
  try {
    await pause(ms, AbortSignal.any([signal, online.signal]));
  } finally {
    removeEventListener('online', wake);
  }
}

/** Returns when the page is looked at, at once if it is: nobody is asked for what nobody sees. */
export function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || document.visibilityState === 'visible') {
      resolve();
      return;
    }
    const done = () => {
      if (!signal.aborted && document.visibilityState !== 'visible') return;
      document.removeEventListener('visibilitychange', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    document.addEventListener('visibilitychange', done);
    signal.addEventListener('abort', done);
  });
}

export interface Polled<T> {
  ask: () => Promise<T>;
  /** Takes the answer, and says in how many ms to ask again; undefined: that was the last. */
  onAnswer: (answer: T) => number | undefined;
  onFault: (error: unknown) => void;
  signal: AbortSignal;
}

/** Asks until there is nothing more to ask for. A fault makes it ask again, less and less often. */
export async function poll<T>({ ask, onAnswer, onFault, signal }: Polled<T>): Promise<void> {
  for (let faults = 0; !signal.aborted;) {
    let waitMs: number | undefined;
    try {
      const answer = await ask();
      if (signal.aborted) return;
      faults = 0;
      waitMs = onAnswer(answer);
    } catch (error) {
      if (signal.aborted) return;
      faults++;
      onFault(error);
      waitMs = retryMs(faults, error);
    }
    if (waitMs === undefined) return;
    await pauseOrOnline(waitMs, signal);
    await untilVisible(signal);
  }
}
