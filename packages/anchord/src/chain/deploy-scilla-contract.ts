import { anchorsCode, anchorsInit } from '@chronos/scilla-contract';
import { readNativeChain } from '@chronos/shared';
import { Endpoints } from './endpoints.js';
import { broadcastNative } from './scilla-broadcast.js';
import { nativeChainId } from './scilla-chain.js';
import { signNative } from './scilla-sign.js';
import { readAccount } from './scilla-state.js';
import { findNativeTransaction } from './scilla-transaction.js';
import type { ScillaWallet } from './scilla-wallet.js';
import { type Deployment, notSigned, waitUntilFinal, type WaitOptions } from './wait-until-final.js';

export interface ScillaDeployOptions extends WaitOptions {
  rpcUrls: readonly string[];
  /** As proofs name it: `zilliqa:1`. An endpoint that serves another chain is refused. */
  chain: string;
  wallet: ScillaWallet;
  maxGasPriceQa: bigint;
  /** How long one endpoint may take to answer a call. */
  timeoutMs?: number;
}

/** What is asked for grows with the source; about 4,000 are used, and what is left is not paid. */
const DEPLOY_GAS_LIMIT = 20_000n;

/**
 * Deploys the anchor contract on the native side; the wallet's account is its owner. Resolves when its block is final, with the address as
 * `0x` and lower-case hex. Throws as `deployContract` does.
 */
export async function deployScillaContract(options: ScillaDeployOptions): Promise<Deployment> {
  const { rpcUrls, chain, wallet, maxGasPriceQa, clock, timeoutMs = 10_000 } = options;
  const chainId = nativeChainId(chain);
  const endpoints = new Endpoints({ rpcUrls, chain, readChain: readNativeChain, timeoutMs, clock });
  await endpoints.check();
  const signed = await endpoints.first(async (rpc) => {
    const nonce = (await readAccount(rpc, wallet.address)).nonce + 1n;
    const data = anchorsInit(wallet.address);
    const deployment = { chainId, nonce, gasLimit: DEPLOY_GAS_LIMIT, code: anchorsCode, data };
    return signNative(rpc, { wallet, maxGasPriceQa }, deployment);
  });
  if (signed.result === 'refused') throw notSigned(signed);
  const network = {
    findTransaction: (id: string) => findNativeTransaction(endpoints, id),
    broadcast: (signedBytes: Uint8Array) => broadcastNative(endpoints, signedBytes),
  };
  const { transaction, contract: address } = signed;
  const purpose = { title: 'the deployment', ifFinalLater: `the contract is at ${address}` };
  return { address, ...(await waitUntilFinal(network, transaction, purpose, options)) };
}
