import { anchorsBytecode } from '@chronos/evm-contract';
import { ChronosError } from '@chronos/shared';
import { getCreateAddress, parseUnits } from 'ethers';
import type { Clock } from '../clock.js';
import { Endpoints } from './endpoints.js';
import { broadcastRaw } from './evm-broadcast.js';
import { bigQuantity } from './evm-fees.js';
import { signCall } from './evm-sign.js';
import { findEvmTransaction } from './evm-transaction.js';
import type { SignedTransaction } from './chain.js';
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

/**
 * Deploys the anchor contract; the wallet's account is its owner. Resolves when its block is final. Throws `invalid_settings`,
 * `wallet_unusable` or `chain_unreachable`; the message of a deployment that was sent but did not become final in time says what it was.
 */
export async function deployContract(options: DeployOptions): Promise<Deployment> {
  const { rpcUrls, chain, wallet, clock, timeoutMs = 10_000 } = options;
  const endpoints = new Endpoints({ rpcUrls, chain, timeoutMs, clock });
  await endpoints.check();
  const transaction = await signDeployment(endpoints, options);
  const address = getCreateAddress({ from: wallet.address, nonce: transaction.nonce });
  const blockNumber = await waitUntilFinal(endpoints, transaction, address, options);
  return { address, transactionId: transaction.transactionId, blockNumber };
}

async function signDeployment(endpoints: Endpoints, options: DeployOptions): Promise<SignedTransaction> {
  const { chain, wallet } = options;
  const signer = { wallet, chain, maxFeeWei: parseUnits(options.maxFeeGwei.toString(), 'gwei') };
  const data = anchorsBytecode;
  const signed = await endpoints.first(async (rpc) => {
    const nonce = await rpc.call('eth_getTransactionCount', [wallet.address, 'latest'], bigQuantity);
    const gas = await rpc.call('eth_estimateGas', [{ from: wallet.address, data }, 'latest'], bigQuantity);
    return signCall(rpc, signer, { data, nonce, gasLimit: gas + gas / 4n });
  });
  if (signed.result === 'signed') return signed.transaction;
  throw new ChronosError(
    signed.reason === 'insufficient_funds' ? 'wallet_unusable' : 'invalid_settings',
    signed.detail,
  );
}

async function waitUntilFinal(
  endpoints: Endpoints,
  { transactionId, signedBytes }: SignedTransaction,
  address: string,
  { clock, signal = new AbortController().signal, pollMs = 1000, finalWithinMs = 300_000 }: DeployOptions,
): Promise<number> {
  const deadlineMs = clock.monotonicMs() + finalWithinMs;
  let last: unknown;
  while (clock.monotonicMs() < deadlineMs && !signal.aborted) {
    try {
      const found = await findEvmTransaction(endpoints, transactionId);
      if (found.state === 'included' && found.final) {
        if (found.succeeded) return found.block.number;
        throw new ChronosError(
          'invalid_settings',
          `the deployment ${transactionId} failed in block ${found.block.number}`,
        );
      }
      if (found.state === 'absent') {
        // The same bytes each time: however often they are sent, there is one contract and one payment.
        const sent = await broadcastRaw(endpoints, signedBytes);
        if (sent.result === 'refused')
          throw new ChronosError('wallet_unusable', `the deployment is refused: ${sent.detail}`);
      }
    } catch (error) {
      if (!(error instanceof ChronosError) || error.code !== 'chain_unreachable') throw error;
      last = error;
    }
    await clock.sleep(pollMs, signal);
  }
  const message = `transaction ${transactionId} is not final yet; if it becomes so, the contract is at ${address}`;
  throw new ChronosError('chain_unreachable', message, {}, last);
}
