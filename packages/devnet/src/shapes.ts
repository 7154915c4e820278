import { type Block, BLOCK_GAS_LIMIT, type Included } from './ledger.js';
import type { Flavour } from './options.js';
import type { Receipt } from './execute.js';

/** Blocks of one DS epoch (zq2, api/zilliqa.rs). */
export const DS_EPOCH = 100;

/** A transaction as GetTransaction prints it: the receipt of Zilliqa 2 names everything, that of Zilliqa 1 what there is. */
export function printTransaction({ transaction, receipt, blockNumber }: Included, flavour: Flavour): object {
  const { code, data } = transaction;
  return {
    ID: transaction.id,
    version: transaction.version.toString(),
    nonce: transaction.nonce.toString(),
    toAddr: transaction.to,
    senderPubKey: `0x${transaction.publicKey}`,
    amount: transaction.amount.toString(),
    signature: `0x${transaction.signature}`,
    receipt: flavour === 2 ? printReceipt(receipt, blockNumber) : printSparseReceipt(receipt, blockNumber),
    gasPrice: transaction.gasPrice.toString(),
    gasLimit: transaction.gasLimit.toString(),
    ...(flavour === 2 || code !== '' ? { code: code || null } : {}),
    ...(flavour === 2 || data !== '' ? { data: data || null } : {}),
  };
}

function printEvents({ events }: Receipt): object[] {
  return events.map(({ address, event }) => ({
    address: `0x${address}`,
    _eventname: event.name,
    params: event.params,
  }));
}

function printReceipt(receipt: Receipt, blockNumber: number): object {
  return {
    accepted: receipt.accepted,
    gas_used: receipt.gasUsed.toString(),
    cumulative_gas_used: receipt.cumulativeGasUsed.toString(),
    // Kept by zq2 for old clients: the gas of this transaction alone.
    cumulative_gas: receipt.gasUsed.toString(),
    epoch_num: blockNumber.toString(),
    transitions: [],
    event_logs: printEvents(receipt),
    errors: receipt.errors,
    exceptions: receipt.exceptions.map((message) => ({ line: 0, message })),
    success: receipt.success,
  };
}

function printSparseReceipt(receipt: Receipt, blockNumber: number): object {
  return {
    ...(receipt.events.length > 0 ? { accepted: receipt.accepted, event_logs: printEvents(receipt) } : {}),
    ...(Object.keys(receipt.errors).length > 0 ? { errors: receipt.errors } : {}),
    ...(receipt.exceptions.length > 0
      ? { exceptions: receipt.exceptions.map((message) => ({ line: 0, message })) }
      : {}),
    cumulative_gas: receipt.gasUsed.toString(),
    epoch_num: blockNumber.toString(),
    success: receipt.success,
  };
}

const ZERO_HASH = '0'.repeat(64);

export function printBlock(block: Block): object {
  return {
    header: {
      Version: 1,
      GasLimit: BLOCK_GAS_LIMIT.toString(),
      GasUsed: block.gasUsed.toString(),
      Rewards: '0',
      TxnFees: block.feesQa.toString(),
      PrevBlockHash: block.parentHash,
      BlockNum: block.number.toString(),
      Timestamp: block.timestampUs.toString(),
      MbInfoHash: ZERO_HASH,
      StateRootHash: ZERO_HASH,
      StateDeltaHash: ZERO_HASH,
      NumTxns: block.transactions.length,
      NumPages: block.transactions.length === 0 ? 0 : 1,
      NumMicroBlocks: 0,
      DSBlockNum: dsBlock(block.number).toString(),
    },
    body: { HeaderSign: '0'.repeat(128), BlockHash: block.hash, MicroBlockInfos: [] },
  };
}

export const dsBlock = (number: number): number => Math.floor(number / DS_EPOCH) + 1;
