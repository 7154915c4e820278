import type { ChronosClient } from '@chronos/shared';

/** The service that this page came from. Its client is fetched when it is first needed: a first look at the page does without. */
export async function service(): Promise<ChronosClient> {
  const { ChronosClient } = await import('./shared.js');
  return new ChronosClient({ baseUrl: location.origin });
}
