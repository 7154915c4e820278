import type { Chain } from './chain.js';
import type { Wallet } from './wallet.js';

export interface EvmChainOptions {
  /** At least one; reads fail over in this order. */
  rpcUrls: readonly string[];
  /** As proofs name it: `eip155:32769`. */
  chain: string;
  /** The anchor contract, `0x…`. */
  contract: string;
  wallet: Wallet;
  /** The most that a unit of gas may cost. */
  maxFeeGwei: number;
  /** How long one endpoint may take to answer a call. */
  timeoutMs?: number;
}

/** The chain port for Zilliqa's EVM, or any other EVM chain that has the `finalized` block tag. */
export function createEvmChain(_options: EvmChainOptions): Chain {
  throw new Error('not written yet');
}
