import type { Chain } from './chain.js';
import type { EndpointsOptions } from './endpoints.js';
import { parseAddress, parseNativeAddress } from './address.js';
import { createEvmChain } from './evm-chain.js';
import { createScillaChain } from './scilla-chain.js';
import { openScillaWallet } from './scilla-wallet.js';
import { openWallet, type WalletFiles } from './wallet.js';

export interface ChainSettings {
  evm?: { chain: string; rpcUrls: readonly string[]; contract: string; maxFeeGwei: number; wallet: WalletFiles };
  scilla?: { chain: string; rpcUrls: readonly string[]; contract: string; maxGasPriceQa: bigint; wallet: WalletFiles };
}

/** The chains that are set, by kind. Throws `invalid_settings` and `wallet_unusable`. */
export async function openChains(
  { evm, scilla }: ChainSettings,
  onCall?: EndpointsOptions['onCall'],
): Promise<Partial<Record<keyof ChainSettings, Chain>>> {
  const evmChain =
    evm &&
    createEvmChain({
      ...evm,
      onCall,
      contract: parseAddress(evm.contract, 'CHRONOS_EVM_CONTRACT'),
      wallet: await openWallet(evm.wallet),
    });
  const scillaChain =
    scilla &&
    createScillaChain({
      ...scilla,
      onCall,
      contract: parseNativeAddress(scilla.contract, 'CHRONOS_SCILLA_CONTRACT'),
      wallet: await openScillaWallet(scilla.wallet),
    });
  return { ...(evmChain && { evm: evmChain }), ...(scillaChain && { scilla: scillaChain }) };
}
