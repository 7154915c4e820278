import { ChronosClient, ChronosError, type ErrorCode } from '@chronos/shared';
import { pause } from './clock.js';
import { CliError } from './cli-error.js';

const ATTEMPTS = 4;
const MAX_PAUSE_SECONDS = 30;

/** The service, whose every request ends with `signal`. */
export function openService(server: string, signal: AbortSignal): ChronosClient {
  return new ChronosClient({
    baseUrl: server,
    fetch: (url, init) => {
      const signals = init?.signal ? [signal, init.signal] : [signal];
      return fetch(url, { ...init, signal: AbortSignal.any(signals) });
    },
  });
}

const BUSY: readonly ErrorCode[] = ['rate_limited', 'overloaded', 'backend_unavailable'];

/** Makes a request that is safe to repeat again when the service is busy, as often and as late as it asks for. */
export async function withRetries<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (signal.aborted) throw new CliError('interrupted', 'interrupted before the service answered');
      const busy = error instanceof ChronosError && BUSY.includes(error.code);
      if (!busy || attempt === ATTEMPTS) throw error;
      const seconds = error.details.retryAfterSeconds ?? 2 ** (attempt - 1);
      await pause(Math.min(seconds, MAX_PAUSE_SECONDS) * 1000, signal);
    }
  }
}

/** Splits into pieces of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
