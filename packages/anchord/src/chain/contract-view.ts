import { plainAddress, readNativeChain } from '@chronos/shared';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { Endpoints, type Rpc } from './endpoints.js';
import { anchorsInterface } from './evm-errors.js';
import { bigQuantity } from './evm-fees.js';
import { readAccount, readField } from './scilla-state.js';

/** What anybody can read of the anchor contract, without a key. Throws `chain_unreachable` where nobody answers. */
export interface ContractView {
  /** How many roots it has. */
  anchorCount(): Promise<bigint>;
  /** The window that was anchored last; 0 before the first. */
  latestWindow(): Promise<bigint>;
  /** See `Chain.finalNonce`. */
  finalNonce(account: string): Promise<bigint>;
  close(): void;
}

export interface ContractViewOptions {
  /** As proofs name it. */
  chain: string;
  contract: string;
  rpcUrls: readonly string[];
  clock: Clock;
}

export function openContractView(options: ContractViewOptions): ContractView {
  const { chain, contract, rpcUrls, clock } = options;
  const isNative = chain.startsWith('zilliqa:');
  const reading = isNative ? { readChain: readNativeChain } : {};
  const endpoints = new Endpoints({ rpcUrls, chain, timeoutMs: 10_000, clock, ...reading });
  const read = isNative ? readNativeNumber : readEvmNumber;
  return {
    anchorCount: () => endpoints.first((rpc) => read(rpc, contract, 'anchorCount')),
    latestWindow: () => endpoints.first((rpc) => read(rpc, contract, 'latestWindow')),
    finalNonce: (account) =>
      isNative
        ? endpoints.first(async (rpc) => (await readAccount(rpc, plainAddress(account))).nonce + 1n)
        : endpoints.first((rpc) => rpc.call('eth_getTransactionCount', [account, 'finalized'], bigQuantity)),
    close: () => endpoints.close(),
  };
}

type ContractNumber = 'anchorCount' | 'latestWindow';

/** Zero where the contract is not in the final state yet. */
export async function readEvmNumber(rpc: Rpc, contract: string, name: ContractNumber): Promise<bigint> {
  const data = anchorsInterface.encodeFunctionData(name);
  const word = await rpc.call(
    'eth_call',
    [{ to: contract, data }, 'finalized'],
    z.string().regex(/^0x([0-9a-fA-F]{64})?$/),
  );
  return word === '0x' ? 0n : BigInt(word);
}

const NATIVE_NAMES = { anchorCount: 'anchor_count', latestWindow: 'latest_window' } as const;

export async function readNativeNumber(rpc: Rpc, contract: string, name: ContractNumber): Promise<bigint> {
  const value = await readField(rpc, contract, NATIVE_NAMES[name]);
  return value === undefined
    ? 0n
    : BigInt(
        z
          .string()
          .regex(/^[0-9]{1,40}$/)
          .parse(value),
      );
}
