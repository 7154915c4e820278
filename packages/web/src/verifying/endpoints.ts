import { publicRpcUrls } from '../service/shared.js';
import { forget, recall, remember } from '../device/preferences.js';

const keyOf = (chain: string) => `chronos.endpoints.${chain}`;

/** Why an address cannot be asked from a page. `plain`: a browser lets no page ask http but on the same machine. */
export type EndpointFault = 'no-address' | 'plain';

/** The endpoints of a chain: those chosen on this device, or else the public ones. */
export function endpointsOf(chain: string): readonly string[] {
  const chosen = recall(keyOf(chain));
  return chosen === undefined ? publicRpcUrls(chain) : splitEndpoints(chosen);
}

export function isChosen(chain: string): boolean {
  return recall(keyOf(chain)) !== undefined;
}

export function chooseEndpoints(chain: string, urls: readonly string[]): void {
  remember(keyOf(chain), urls.join(' '));
}

export function forgetEndpoints(chain: string): void {
  forget(keyOf(chain));
}

export function splitEndpoints(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

export function endpointFault(text: string): EndpointFault | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return undefined;
  if (url?.protocol !== 'http:') return 'no-address';
  return ['127.0.0.1', 'localhost'].includes(url.hostname) ? undefined : 'plain';
}
