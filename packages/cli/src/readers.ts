import { type ChainReader, chainReaders, findNetwork } from '@chronos/shared';

/**
 * The endpoints to ask about a chain: those that the user named, all of which then have to agree, or those of the network table.
 * The service is never among them.
 */
export function readersFor(rpcUrls: readonly string[]): (chain: string) => ChainReader[] {
  return (chain) => chainReaders(chain, rpcUrls.length > 0 ? rpcUrls : (findNetwork(chain)?.rpcUrls ?? []));
}
