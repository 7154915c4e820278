import { ChronosError } from '@chronos/shared';
import { getAddress, parseUnits } from 'ethers';
import { z } from 'zod';
import type { DeployOptions } from './deploy-contract.js';
import { Endpoints, type Rpc } from './endpoints.js';
import { broadcastRaw } from './evm-broadcast.js';
import { contractFault } from './evm-chain.js';
import { anchorsInterface } from './evm-errors.js';
import { bigQuantity } from './evm-fees.js';
import { signCall } from './evm-sign.js';
import { findEvmTransaction } from './evm-transaction.js';
import type { OwnedContract, OwnershipCall } from './ownership.js';

/** An address, as the 32 bytes that the contract answers. */
const addressWord = z
  .string()
  .regex(/^0x0{24}[0-9a-fA-F]{40}$/)
  .transform((word) => `0x${word.slice(26).toLowerCase()}`);

/** The contract's ownership on the EVM, as the wallet's account sees and changes it. */
export function openEvmOwnership(options: DeployOptions & { contract: string }): OwnedContract {
  const { rpcUrls, chain, wallet, maxFeeGwei, clock, timeoutMs = 10_000 } = options;
  const contract = options.contract.toLowerCase();
  const signer = { wallet, chain, maxFeeWei: parseUnits(maxFeeGwei.toString(), 'gwei') };
  const endpoints = new Endpoints({ rpcUrls, chain, timeoutMs, clock });
  const count = (rpc: Rpc, block: 'finalized' | 'pending') =>
    rpc.call('eth_getTransactionCount', [wallet.address, block], bigQuantity);

  return {
    contract: getAddress(contract),
    account: wallet.address.toLowerCase(),
    async check() {
      await endpoints.check();
      const fault = await endpoints.first((rpc) => contractFault(rpc, contract));
      if (fault === undefined) return;
      const message = `the contract ${contract} ${fault} on ${chain}: correct CHRONOS_EVM_CONTRACT`;
      throw new ChronosError('invalid_settings', message);
    },
    readOwners: () =>
      endpoints.first(async (rpc) => ({
        owner: await readAddress(rpc, contract, 'owner'),
        pendingOwner: await readAddress(rpc, contract, 'pendingOwner'),
      })),
    countUnsettled: () =>
      // In this order: what becomes final in between is not counted.
      endpoints.first(async (rpc) => {
        const sent = await count(rpc, 'pending');
        const final = await count(rpc, 'finalized');
        return sent > final ? sent - final : 0n;
      }),
    sign: (call) =>
      endpoints.first(async (rpc) => {
        const data = encode(call);
        const nonce = await count(rpc, 'finalized');
        const request = { from: wallet.address, to: contract, data };
        const gas = await rpc.call('eth_estimateGas', [request, 'latest'], bigQuantity);
        return signCall(rpc, signer, { to: contract, data, nonce, gasLimit: gas + gas / 4n });
      }),
    findTransaction: (id) => findEvmTransaction(endpoints, id),
    broadcast: (signedBytes) => broadcastRaw(endpoints, signedBytes),
    show: getAddress,
    close: () => {
      endpoints.close();
    },
  };
}

function readAddress(rpc: Rpc, contract: string, name: 'owner' | 'pendingOwner'): Promise<string> {
  return rpc.call(
    'eth_call',
    [{ to: contract, data: anchorsInterface.encodeFunctionData(name) }, 'latest'],
    addressWord,
  );
}

function encode(call: OwnershipCall): string {
  return call.do === 'accept'
    ? anchorsInterface.encodeFunctionData('acceptOwnership')
    : anchorsInterface.encodeFunctionData('transferOwnership', [call.newOwner]);
}
