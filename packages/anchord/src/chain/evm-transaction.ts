import {
  type Anchor,
  anchoredEvents,
  blockSchema,
  type ChainTransaction,
  isoTime,
  receiptSchema,
} from '@chronos/shared';
import { z } from 'zod';
import type { TransactionStatus } from './chain.js';
import type { Endpoints, Rpc } from './endpoints.js';

type Included = { state: 'included'; final: boolean; succeeded: boolean; block: Anchor['block'] } & Pick<
  ChainTransaction,
  'anchored'
>;

/** A {@link TransactionStatus} with the `Anchored` events of the transaction. */
export type EvmTransaction = Exclude<TransactionStatus, { state: 'included' }> | Included;

/**
 * What the endpoints know of a transaction. It is final when every one that answers has it in the same final block: one that lags makes it
 * wait, and one that contradicts makes it `chain_unreachable`, for a proof states that block for ever.
 */
export async function findEvmTransaction(endpoints: Endpoints, id: string): Promise<EvmTransaction> {
  const answers = await endpoints.all((rpc) => readTransaction(rpc, id));
  const included = answers.filter((answer) => answer.state === 'included');
  const [first, ...others] = included;
  if (first === undefined) return answers.find(({ state }) => state === 'pending') ?? { state: 'absent' };
  for (const other of others) {
    if (other.block.hash !== first.block.hash || other.succeeded !== first.succeeded) {
      throw endpoints.disagreement(`transaction ${id}`);
    }
  }
  return { ...first, final: included.length === answers.length && included.every(({ final }) => final) };
}

async function readTransaction(rpc: Rpc, id: string): Promise<EvmTransaction> {
  const receipt = await rpc.call('eth_getTransactionReceipt', [id], receiptSchema.nullable());
  if (receipt === null) {
    const known = await rpc.call('eth_getTransactionByHash', [id], z.unknown());
    return { state: known === null || known === undefined ? 'absent' : 'pending' };
  }
  // In this order: once the height is final, the block read there afterwards is the one that stays.
  const finalized = await rpc.call('eth_getBlockByNumber', ['finalized', false], blockSchema.nullable());
  const height = `0x${receipt.blockNumber.toString(16)}`;
  const block = await rpc.call('eth_getBlockByNumber', [height, false], blockSchema.nullable());
  const hash = receipt.blockHash.toLowerCase();
  // A receipt of a block that was reorganised away: the transaction is on its way again.
  if (block === null || block.hash.toLowerCase() !== hash) return { state: 'pending' };
  return {
    state: 'included',
    succeeded: receipt.status === 1,
    final: finalized !== null && receipt.blockNumber <= finalized.number,
    block: { number: block.number, hash, time: isoTime(block.timestamp * 1000) },
    anchored: anchoredEvents(receipt.logs),
  };
}
