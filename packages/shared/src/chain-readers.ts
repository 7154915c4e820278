import type { ChainReader } from './chain-reader.js';
import { EvmReader } from './evm-reader.js';
import { ScillaReader } from './scilla-reader.js';

/** A reader of a chain through each endpoint, of the kind that the chain's name tells; none for a kind that is not known here. */
export function chainReaders(chain: string, rpcUrls: readonly string[]): ChainReader[] {
  if (chain.startsWith('eip155:')) return rpcUrls.map((url) => new EvmReader(chain, url));
  if (chain.startsWith('zilliqa:')) return rpcUrls.map((url) => new ScillaReader(chain, url));
  return [];
}
