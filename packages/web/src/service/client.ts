import type { ChronosClient } from '@chronos/shared';

let connection = new AbortController();

// A request that is held when the connection goes would hang until its time is up, though the connection is long back.
addEventListener('offline', () => {
  connection.abort();
  connection = new AbortController();
});

const connectedFetch: typeof fetch = (input, init) => {
  const signals = [init?.signal, connection.signal].filter((signal) => signal != null);
  return fetch(input, { ...init, signal: AbortSignal.any(signals) });
};

/** The service that this page came from. Its client is fetched when it is first needed: a first look at the page does without. */
export async function service(): Promise<ChronosClient> {
  const { ChronosClient } = await import('./stamping-parts.js');
  return new ChronosClient({ baseUrl: location.origin, fetch: connectedFetch });
}
