import { z } from 'zod';
import type { Rpc } from './endpoints.js';

/** An amount or a count as the native API writes it. */
export const amount = z
  .string()
  .regex(/^[0-9]{1,40}$/)
  .transform((value) => BigInt(value));

const feeSchema = z.strictObject({ gasPriceQa: amount });

const offerSchema = z.looseObject({ gasPrice: amount, gasLimit: amount });

export type PriceChoice = { result: 'chosen'; gasPriceQa: bigint } | { result: 'refused'; detail: string };

/** The least that the network takes for a unit of gas, in Qa. */
export function readGasPrice(rpc: Rpc): Promise<bigint> {
  return rpc.call('GetMinimumGasPrice', [], amount);
}

/** The least price; in place of an earlier transaction an eighth more than that one offered, for a pool keeps the dearer of two. */
export function choosePrice(minimumQa: bigint, maxGasPriceQa: bigint, replacedQa?: bigint): PriceChoice {
  const floor = replacedQa === undefined ? 0n : (replacedQa * 9n) / 8n + 1n;
  const gasPriceQa = minimumQa > floor ? minimumQa : floor;
  if (gasPriceQa <= maxGasPriceQa) return { result: 'chosen', gasPriceQa };
  const what = replacedQa === undefined ? 'the network asks' : 'a replacement has to offer';
  return {
    result: 'refused',
    detail: `${what} ${gasPriceQa} Qa for a unit of gas, the limit set is ${maxGasPriceQa} Qa`,
  };
}

export function formatPrice(gasPriceQa: bigint): string {
  return JSON.stringify({ gasPriceQa: gasPriceQa.toString() });
}

export function parsePrice(fee: string): bigint {
  return feeSchema.parse(JSON.parse(fee)).gasPriceQa;
}

/** The most that the transaction that was signed may cost, in Qa. */
export function highestCost(signedBytes: Uint8Array): bigint {
  const { gasPrice, gasLimit } = offerSchema.parse(JSON.parse(Buffer.from(signedBytes).toString()));
  return gasPrice * gasLimit;
}
