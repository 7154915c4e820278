import { ChronosError, plainAddress, readNativeChain } from '@chronos/shared';
import { toBech32Address } from '@zilliqa-js/crypto';
import type { ScillaDeployOptions } from './deploy-scilla-contract.js';
import { Endpoints, type Rpc } from './endpoints.js';
import type { OwnedContract, OwnershipCall } from './ownership.js';
import { broadcastNative } from './scilla-broadcast.js';
import { nativeChainId } from './scilla-chain.js';
import { signNative } from './scilla-sign.js';
import { contractFault, readAccount, readField } from './scilla-state.js';
import { findNativeTransaction } from './scilla-transaction.js';

/** More than either transition uses; what is left is not paid. */
const GAS_LIMIT = 1_000n;

/** The contract's ownership on the native side, as the wallet's account sees and changes it. */
export function openScillaOwnership(options: ScillaDeployOptions & { contract: string }): OwnedContract {
  const { rpcUrls, chain, wallet, maxGasPriceQa, clock, timeoutMs = 10_000 } = options;
  const contract = `0x${plainAddress(options.contract)}`;
  const chainId = nativeChainId(chain);
  const endpoints = new Endpoints({ rpcUrls, chain, readChain: readNativeChain, timeoutMs, clock });

  return {
    contract,
    account: wallet.address,
    async check() {
      await endpoints.check();
      const fault = await endpoints.first((rpc) => contractFault(rpc, contract));
      if (fault === undefined) return;
      const message = `the contract ${contract} ${fault} on ${chain}: correct CHRONOS_SCILLA_CONTRACT`;
      throw new ChronosError('invalid_settings', message);
    },
    readOwners: () =>
      endpoints.first(async (rpc) => ({
        owner: await readAddress(rpc, contract, 'owner'),
        pendingOwner: await readAddress(rpc, contract, 'pending_owner'),
      })),
    // The native API tells of no transaction before it is in a block.
    countUnsettled: () => Promise.resolve(0n),
    sign: (call) =>
      endpoints.first(async (rpc) => {
        const nonce = (await readAccount(rpc, wallet.address)).nonce + 1n;
        const unsigned = { chainId, to: contract, nonce, gasLimit: GAS_LIMIT, data: messageOf(call) };
        return signNative(rpc, { wallet, maxGasPriceQa }, unsigned);
      }),
    findTransaction: (id) => findNativeTransaction(endpoints, id),
    broadcast: (signedBytes) => broadcastNative(endpoints, signedBytes),
    show: toBech32Address,
    close: () => {
      endpoints.close();
    },
  };
}

async function readAddress(rpc: Rpc, contract: string, field: 'owner' | 'pending_owner'): Promise<string> {
  const value = await readField(rpc, contract, field);
  if (typeof value !== 'string') throw new ChronosError('invalid_settings', `the contract ${contract} has no ${field}`);
  return `0x${plainAddress(value)}`;
}

function messageOf(call: OwnershipCall): object {
  return call.do === 'accept'
    ? { _tag: 'AcceptOwnership', params: [] }
    : { _tag: 'TransferOwnership', params: [{ vname: 'new_owner', type: 'ByStr20', value: call.newOwner }] };
}
