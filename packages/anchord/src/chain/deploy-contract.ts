import type { Clock } from '../clock.js';
import type { Wallet } from './wallet.js';

export interface DeployOptions {
  rpcUrls: readonly string[];
  /** As proofs name it: `eip155:32769`. An endpoint that serves another chain is refused. */
  chain: string;
  wallet: Wallet;
  maxFeeGwei: number;
  clock: Clock;
  signal?: AbortSignal;
  /** How long one endpoint may take to answer a call. */
  timeoutMs?: number;
  pollMs?: number;
  /** How long the deployment may take until it is final. */
  finalWithinMs?: number;
}

export interface Deployment {
  /** Of the contract, with its EIP-55 checksum. */
  address: string;
  transactionId: string;
  blockNumber: number;
}

/** Deploys the anchor contract; the wallet's account is its owner. Resolves when its block is final. */
export function deployContract(_options: DeployOptions): Promise<Deployment> {
  throw new Error('not written yet');
}
