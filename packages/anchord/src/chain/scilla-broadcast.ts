import { JsonRpcError } from '@chronos/shared';
import { z } from 'zod';
import type { BroadcastResult } from './chain.js';
import type { Endpoints, Rpc } from './endpoints.js';
import { resultOfError, resultOfInfo } from './scilla-errors.js';

const createdSchema = z.looseObject({ Info: z.string() });

/** Posts a signed transaction, byte for byte, to every endpoint, for one that takes it may not pass it on. Taken by one is taken. */
export async function broadcastNative(endpoints: Endpoints, signedBytes: Uint8Array): Promise<BroadcastResult> {
  // What was written by JSON.stringify is written again in the same way.
  const parameter = JSON.parse(Buffer.from(signedBytes).toString()) as unknown;
  const results = await endpoints.all((rpc) => send(rpc, parameter));
  return (
    results.find(({ result }) => result === 'accepted') ??
    results.find(({ result }) => result === 'nonce_used') ??
    results[0]!
  );
}

async function send(rpc: Rpc, parameter: unknown): Promise<BroadcastResult> {
  try {
    return resultOfInfo((await rpc.call('CreateTransaction', [parameter], createdSchema)).Info);
  } catch (error) {
    if (error instanceof JsonRpcError) return resultOfError(error);
    throw error;
  }
}
