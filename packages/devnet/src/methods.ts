import { z } from 'zod';
import { contractAddress, findAddress } from './address.js';
import { admit, type Rules } from './admission.js';
import { type Contract, printState } from './contract.js';
import type { Account } from './execute.js';
import { findHex } from './hex.js';
import type { Included, Ledger } from './ledger.js';
import { CODES, RpcError } from './rpc-error.js';
import { dsBlock, printBlock, printTransaction } from './shapes.js';
import { parseTransaction } from './transaction.js';
import { VERSION } from './version.js';

export interface Chain {
  ledger: Ledger;
  chainId: number;
  rules: Rules;
}

export type Method = (params: readonly unknown[]) => unknown;

/** Said by GetVersion and at start: nobody shall take this for Zilliqa. */
export function selfDescription(flavour: number): string {
  return `chronos-devnet ${VERSION}: a local development chain, not Zilliqa; it runs only the Chronos anchor contract, answers in the manner of Zilliqa ${flavour}, and what it holds proves nothing`;
}

/** The native JSON-RPC methods that there are, by name; each gets `params` and may throw RpcError. All reads are of final blocks. */
export function nativeMethods({ ledger, chainId, rules }: Chain): Record<string, Method> {
  const { flavour, minGasPrice } = rules;
  const finalBlock = () => ledger.block(ledger.finalNumber)!;
  const transactions = () => ledger.state.included.size.toString();
  return {
    GetVersion: () => ({ Commit: 'chronos-devnet', Version: selfDescription(flavour) }),
    GetNetworkId: () => chainId.toString(),
    GetMinimumGasPrice: () => minGasPrice.toString(),
    GetBlockchainInfo: () => ({
      NumPeers: 0,
      NumTxBlocks: ledger.finalNumber.toString(),
      NumDSBlocks: dsBlock(ledger.finalNumber).toString(),
      NumTransactions: transactions(),
      TransactionRate: 0,
      TxBlockRate: 0,
      DSBlockRate: 0,
      CurrentMiniEpoch: ledger.finalNumber.toString(),
      CurrentDSEpoch: dsBlock(ledger.finalNumber).toString(),
      NumTxnsDSEpoch: '0',
      NumTxnsTxEpoch: finalBlock().transactions.length.toString(),
      ShardingStructure: { NumPeers: [0] },
    }),
    GetNumTxBlocks: () => ledger.finalNumber.toString(),
    GetCurrentMiniEpoch: () => ledger.finalNumber.toString(),
    GetNumTransactions: transactions,
    GetLatestTxBlock: () => printBlock(finalBlock()),
    GetTxBlock: ([number]) => {
      const block = ledger.block(blockNumber(number));
      if (block === undefined) return null;
      if (block.number > ledger.finalNumber) throw new RpcError(CODES.internal, 'Block not finalized');
      return printBlock(block);
    },
    GetTransactionsForTxBlock: ([number]) => {
      const block = ledger.block(blockNumber(number));
      if (block === undefined) throw new RpcError(CODES.internal, 'Tx Block does not exist');
      if (block.transactions.length === 0) throw new RpcError(CODES.internal, 'TxBlock has no transactions');
      return [block.transactions];
    },

    CreateTransaction: ([transaction]) => admit(parseTransaction(transaction, chainId), ledger, rules),
    GetTransaction: ([id]) => printTransaction(finalTransaction(ledger, id), flavour),
    GetContractAddressFromTransactionID: ([id]) => {
      const { transaction, receipt } = finalTransaction(ledger, id);
      if (receipt.contractAddress === undefined) throw new RpcError(CODES.address, 'ID is not a contract txn');
      return contractAddress(transaction.sender, transaction.nonce);
    },

    GetBalance: ([address]) => {
      const account = ledger.finalAccount(parseAddress(address));
      if (account === undefined) throw new RpcError(CODES.address, 'Account is not created');
      return { balance: account.balance.toString(), nonce: Number(account.nonce) };
    },
    GetSmartContracts: ([address]) => {
      const owner = parseAddress(address);
      const account = getAccount(ledger, owner);
      if (account.contract !== undefined) throw new RpcError(CODES.address, 'A contract account queried');
      return Array.from({ length: Number(account.nonce) }, (_, index) => contractAddress(owner, BigInt(index) + 1n))
        .filter((candidate) => ledger.finalAccount(candidate)?.contract !== undefined)
        .map((candidate) => ({ address: candidate }));
    },
    GetSmartContractCode: ([address]) => ({ code: getContract(ledger, address).contract.code, type: 'scilla' }),
    GetSmartContractInit: ([address]) => getContract(ledger, address).contract.init,
    GetSmartContractState: ([address]) => {
      const { contract, balance } = getContract(ledger, address);
      return printState(contract, balance);
    },
    GetSmartContractSubState: ([address, field, indices]) => {
      const { contract, balance } = getContract(ledger, address);
      return subState(printState(contract, balance), parse(z.string(), field), parse(z.array(z.string()), indices));
    },
  };
}

/** One field, or one entry of a map; null where there is none (zq2, `get_smart_contract_sub_state`). */
function subState(state: Record<string, unknown>, field: string, indices: readonly string[]): unknown {
  if (field === '') return state;
  if (!Object.hasOwn(state, field)) return null;
  const [key] = indices;
  if (key === undefined) return { [field]: state[field] };
  const entries = state[field];
  if (typeof entries !== 'object' || entries === null || indices.length > 1 || !Object.hasOwn(entries, key))
    return null;
  return { [field]: { [key]: (entries as Record<string, unknown>)[key] } };
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new RpcError(CODES.invalidParams, 'Invalid params');
  return result.data;
}

const blockNumber = (value: unknown): number => Number(parse(z.string().regex(/^[0-9]{1,15}$/), value));

export function parseAddress(value: unknown): string {
  const address = findAddress(parse(z.string(), value));
  if (address === undefined) throw new RpcError(CODES.invalidParams, 'Invalid params: not an address');
  return address;
}

/** Unknown, pending and not yet final are one code, -20. */
function finalTransaction(ledger: Ledger, id: unknown): Included {
  const hex = findHex(parse(z.string(), id), 32);
  if (hex === undefined) throw new RpcError(CODES.invalidParams, 'Size not appropriate');
  const included = ledger.included(hex);
  if (included === undefined) throw new RpcError(CODES.database, 'Txn Hash not Present');
  if (included.blockNumber > ledger.finalNumber) throw new RpcError(CODES.database, 'Block not finalized');
  return included;
}

function getAccount(ledger: Ledger, address: string): Account {
  const account = ledger.finalAccount(address);
  if (account === undefined) throw new RpcError(CODES.address, 'Address does not exist');
  return account;
}

function getContract(ledger: Ledger, address: unknown): { contract: Contract; balance: bigint } {
  const { contract, balance } = getAccount(ledger, parseAddress(address));
  if (contract === undefined) throw new RpcError(CODES.address, 'Address not contract address');
  return { contract, balance };
}
