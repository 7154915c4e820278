import { type ChainReader, EvmReader, findNetwork } from '@chronos/shared';

/**
 * The endpoints to ask about a chain: those that the user named, all of which then have to agree, or those of the network table.
 * The service is never among them.
 */
export function readersFor(rpcUrls: readonly string[]): (chain: string) => ChainReader[] {
  return (chain) => {
    const urls = rpcUrls.length > 0 ? rpcUrls : (findNetwork(chain)?.rpcUrls ?? []);
    return chain.startsWith('eip155:') ? urls.map((url) => new EvmReader(chain, url)) : [];
  };
}
