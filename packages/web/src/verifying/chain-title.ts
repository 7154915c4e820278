import type { Messages } from '../i18n/en.js';
import { findNetwork } from '@chronos/shared';

/** A chain for people: `Zilliqa mainnet (eip155:32769)`. */
export function chainTitle(chain: string, { networks }: Messages['common']): string {
  const network = findNetwork(chain);
  return network === undefined ? chain : `${networks[network.name]} (${chain})`;
}

/** What has to be said of a chain; nothing of Zilliqa's mainnet. */
export function chainWarning(chain: string, common: Messages['common']): string | undefined {
  const network = findNetwork(chain);
  if (network === undefined) return common.unknownChain;
  if (network.name === 'local') return common.localChain;
  return network.name === 'testnet' ? common.testnet : undefined;
}
