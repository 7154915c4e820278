import { JsonRpcError, toHex } from '@chronos/shared';
import { z } from 'zod';
import type { BroadcastResult } from './chain.js';
import type { Endpoints, Rpc } from './endpoints.js';
import { broadcastResultOf } from './evm-errors.js';

/** Sends signed bytes to every endpoint, for one that takes them may not pass them on. Taken by one is taken. */
export async function broadcastRaw(endpoints: Endpoints, signedBytes: Uint8Array): Promise<BroadcastResult> {
  const raw = `0x${toHex(signedBytes)}`;
  const results = await endpoints.all((rpc) => send(rpc, raw));
  return (
    results.find(({ result }) => result === 'accepted') ??
    results.find(({ result }) => result === 'nonce_used') ??
    results[0]!
  );
}

async function send(rpc: Rpc, raw: string): Promise<BroadcastResult> {
  try {
    // The answer repeats the transaction's id, which we know. Zilliqa gives it too when the pool has a dearer one with this nonce and
    // drops ours: "accepted" is no promise, only findTransaction tells.
    await rpc.call('eth_sendRawTransaction', [raw], z.string());
    return { result: 'accepted' };
  } catch (error) {
    if (error instanceof JsonRpcError) return broadcastResultOf(error);
    throw error;
  }
}
