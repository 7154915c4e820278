import { anchorsBytecode } from '@chronos/evm-contract';
import { getCreateAddress, parseUnits } from 'ethers';
import { Endpoints } from './endpoints.js';
import { broadcastRaw } from './evm-broadcast.js';
import { bigQuantity } from './evm-fees.js';
import { signCall } from './evm-sign.js';
import { findEvmTransaction } from './evm-transaction.js';
import type { SignedTransaction } from './chain.js';
import { type Deployment, notSigned, waitUntilFinal, type WaitOptions } from './wait-until-final.js';
import type { Wallet } from './wallet.js';

export interface DeployOptions extends WaitOptions {
  rpcUrls: readonly string[];
  /** As proofs name it: `eip155:32769`. An endpoint that serves another chain is refused. */
  chain: string;
  wallet: Wallet;
  maxFeeGwei: number;
  /** How long one endpoint may take to answer a call. */
  timeoutMs?: number;
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
  const network = {
    findTransaction: (id: string) => findEvmTransaction(endpoints, id),
    broadcast: (signedBytes: Uint8Array) => broadcastRaw(endpoints, signedBytes),
  };
  const purpose = { title: 'the deployment', ifFinalLater: `the contract is at ${address}` };
  return { address, ...(await waitUntilFinal(network, transaction, purpose, options)) };
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
  throw notSigned(signed);
}
