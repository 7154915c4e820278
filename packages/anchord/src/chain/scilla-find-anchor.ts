import { readNativeTransaction, toHex } from '@chronos/shared';
import { z } from 'zod';
import type { Rpc } from './endpoints.js';
import type { ScillaTransaction } from './scilla-transaction.js';
import { readField } from './scilla-state.js';

/** Of each shard; a shard that had none may be missing or empty. */
const idsSchema = z.array(z.array(z.string()).nullable());
const blockNumber = z.string().regex(/^[0-9]{1,15}$/);

/**
 * The transaction that anchored `root`, by what the contract and one endpoint say of the final chain. The contract keeps the number of the
 * root's block, so the transactions of that block are looked through: the native side has no index of events to ask.
 */
export async function findAnchorId(
  rpc: Rpc,
  contract: string,
  root: Uint8Array,
  window: number,
): Promise<string | undefined> {
  const number = await readField(rpc, contract, 'anchors', `0x${toHex(root)}`);
  if (number === undefined) return undefined;
  const shards = await rpc.call('GetTransactionsForTxBlock', [blockNumber.parse(number)], idsSchema);
  for (const id of shards.flatMap((ids) => ids ?? [])) {
    const transaction = await readNativeTransaction(rpc, id);
    if (transaction.state === 'final' && transaction.succeeded && holds(transaction, contract, root, window)) return id;
  }
  return undefined;
}

/** Whether the contract anchored this root and window in it. */
export function holds(
  { anchored }: Pick<Extract<ScillaTransaction, { final: true }>, 'anchored'>,
  contract: string,
  root: Uint8Array,
  window: number,
): boolean {
  const hex = toHex(root);
  return anchored.some((event) => event.contract === contract && event.root === hex && event.window === BigInt(window));
}
