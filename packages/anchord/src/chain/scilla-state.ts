import { decimal, JsonRpcError, plainAddress } from '@chronos/shared';
import { z } from 'zod';
import type { Rpc } from './endpoints.js';
import { amount } from './scilla-fees.js';

const ADDRESS_UNKNOWN = -5;

const nonceSchema = z.union([z.int().nonnegative(), decimal]);
const balanceSchema = z.looseObject({ balance: amount, nonce: nonceSchema });
const infoSchema = z.looseObject({ NumTxBlocks: nonceSchema });
const latestSchema = z.looseObject({ header: z.looseObject({ BlockNum: decimal }) });

/** An account's balance and how many transactions it has sent. One that the chain has never seen is an error, and has nothing. */
export async function readAccount(rpc: Rpc, address: string): Promise<{ balance: bigint; nonce: bigint }> {
  try {
    const { balance, nonce } = await rpc.call('GetBalance', [plainAddress(address)], balanceSchema);
    return { balance, nonce: BigInt(nonce) };
  } catch (error) {
    if (error instanceof JsonRpcError && error.code === ADDRESS_UNKNOWN) return { balance: 0n, nonce: 0n };
    throw error;
  }
}

/** The newest block and the newest final one. Zilliqa 1 counts its blocks, which is one more than the number of the last. */
export async function readHeights(rpc: Rpc): Promise<{ height: number; finalHeight: number }> {
  const height = (await rpc.call('GetLatestTxBlock', [], latestSchema)).header.BlockNum;
  const { NumTxBlocks } = await rpc.call('GetBlockchainInfo', [], infoSchema);
  return { height, finalHeight: Math.min(height, NumTxBlocks) };
}

/**
 * A field of a contract, or the entry of a map under `key`, by the final state; undefined where there is none. Only the entry travels: asking
 * for the whole state of a contract with a million anchors would not do.
 */
export async function readField(rpc: Rpc, contract: string, field: string, key?: string): Promise<unknown> {
  const keys = key === undefined ? [] : [key];
  const schema = z.looseObject({}).nullable();
  const state = await rpc.call('GetSmartContractSubState', [plainAddress(contract), field, keys], schema);
  const value = state?.[field];
  return key === undefined ? value : (value as Record<string, unknown> | undefined)?.[key];
}

/** What is wrong with the contract, as the end of a sentence. */
export async function contractFault(rpc: Rpc, contract: string): Promise<string | undefined> {
  try {
    for (const field of ['owner', 'anchor_count']) {
      if ((await readField(rpc, contract, field)) === undefined) return `is no ChronosAnchors (it has no ${field})`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof JsonRpcError && error.code === ADDRESS_UNKNOWN) return 'does not exist';
    throw error;
  }
}
