import {
  type BaseContract,
  type BaseContractMethod,
  ContractFactory,
  type ContractTransactionResponse,
  Interface,
  type InterfaceAbi,
  isError,
  JsonRpcProvider,
  type JsonRpcSigner,
  type TransactionReceipt,
  type TransactionResponse,
} from 'ethers';
import { anchorsAbi, anchorsBytecode } from '../index.js';
import { startAnvil } from './anvil.js';

export interface Anchor {
  readonly window: bigint | number;
  readonly root: string;
  readonly logSize: bigint | number;
  readonly logRoot: string;
}

/** The arguments of `verify`. */
export type VerifyArguments = [
  submitted: string,
  salt: string,
  leafIndex: bigint | number,
  treeSize: bigint | number,
  path: readonly string[],
];

const anchorsInterface = new Interface(anchorsAbi);

type View<A extends unknown[], R> = BaseContractMethod<A, R>;
type Transaction<A extends unknown[]> = BaseContractMethod<A, undefined, ContractTransactionResponse>;

/** ChronosAnchors as ethers offers it. */
export interface AnchorsContract extends BaseContract {
  anchor: Transaction<[readonly Anchor[]]>;
  transferOwnership: Transaction<[string]>;
  acceptOwnership: Transaction<[]>;
  anchoredAt: View<[string], bigint>;
  latestRoot: View<[], string>;
  latestWindow: View<[], bigint>;
  anchorCount: View<[], bigint>;
  owner: View<[], string>;
  pendingOwner: View<[], string>;
  verify: View<VerifyArguments, bigint>;
}

export interface TestChain {
  readonly provider: JsonRpcProvider;
  readonly accounts: readonly [JsonRpcSigner, JsonRpcSigner, JsonRpcSigner];
  deployAnchors(): Promise<AnchorsContract>;
  deploy(abi: InterfaceAbi, bytecode: string, ...parameters: unknown[]): Promise<BaseContract>;
  close(): Promise<void>;
}

/** A chain of the test's own. Whoever deploys is the first account. */
export async function openTestChain(): Promise<TestChain> {
  const anvil = await startAnvil();
  const provider = new JsonRpcProvider(anvil.url, undefined, {
    pollingInterval: 20,
    cacheTimeout: -1,
    batchMaxCount: 1,
  });
  const accounts = [await provider.getSigner(0), await provider.getSigner(1), await provider.getSigner(2)] as const;

  async function deploy(abi: InterfaceAbi, bytecode: string, ...parameters: unknown[]): Promise<BaseContract> {
    const contract = await new ContractFactory(abi, bytecode, accounts[0]).deploy(...parameters);
    return await contract.waitForDeployment();
  }
  return {
    provider,
    accounts,
    deploy,
    deployAnchors: async () => (await deploy(anchorsAbi, anchorsBytecode)) as AnchorsContract,
    async close() {
      provider.destroy();
      await anvil.stop();
    },
  };
}

export function as(account: JsonRpcSigner, contract: AnchorsContract): AnchorsContract {
  return contract.connect(account) as AnchorsContract;
}

/** Waits until the transaction is in a block. */
export async function mined(sent: Promise<TransactionResponse>): Promise<TransactionReceipt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error('the transaction has no receipt');
  return receipt;
}

/** The custom error that the contract refused a call with: its name, then its arguments. */
export async function refusalOf(call: Promise<unknown>): Promise<unknown[]> {
  try {
    await call;
  } catch (error) {
    if (!isError(error, 'CALL_EXCEPTION')) throw error;
    // ethers decodes it only for calls, not when it asks for the gas of a transaction.
    const refusal = error.data === null ? null : anchorsInterface.parseError(error.data);
    if (refusal === null) throw error;
    return [refusal.name, ...(refusal.args as unknown as unknown[])];
  }
  throw new Error('the contract did not refuse');
}

/** The contract's events in a receipt, in order: name, then arguments. */
export function eventsIn(receipt: TransactionReceipt, contract: BaseContract): unknown[][] {
  return receipt.logs.map((log) => {
    const event = contract.interface.parseLog(log);
    if (event === null) throw new Error(`an unknown event: ${log.topics.join()}`);
    return [event.name, ...(event.args as unknown as unknown[])];
  });
}
