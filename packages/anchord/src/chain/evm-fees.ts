import { blockSchema } from '@chronos/shared';
import { formatUnits } from 'ethers';
import { z } from 'zod';
import type { Rpc } from './endpoints.js';

/** A JSON-RPC quantity of any size. */
export const bigQuantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((value) => BigInt(value));

const wei = z
  .string()
  .regex(/^[0-9]{1,40}$/)
  .transform((value) => BigInt(value));

const feeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('legacy'), gasPrice: wei }),
  z.strictObject({ kind: z.literal('eip1559'), maxFeePerGas: wei, maxPriorityFeePerGas: wei }),
]);

/** What a transaction offers for a unit of gas, in wei. */
export type Fee = z.infer<typeof feeSchema>;

/** What the network asks for a unit of gas at present, in wei. */
export interface MarketFee {
  /** The least that gets a transaction into a block soon. */
  gasPrice: bigint;
  /** Undefined where the chain has no base fee. */
  baseFee?: bigint;
}

export type FeeChoice = { result: 'chosen'; fee: Fee } | { result: 'refused'; detail: string };

export async function readMarketFee(rpc: Rpc): Promise<MarketFee> {
  const asked = await rpc.call('eth_gasPrice', [], bigQuantity);
  const block = await rpc.call('eth_getBlockByNumber', ['latest', false], blockSchema);
  const baseFee = bigQuantity.safeParse(block['baseFeePerGas']);
  // Zilliqa's blocks state a base fee of zero, and what is offered there is paid in full.
  if (!baseFee.success || baseFee.data === 0n) return { gasPrice: asked };
  return { gasPrice: max(asked, baseFee.data), baseFee: baseFee.data };
}

/**
 * The fee to offer: twice the base fee, so that six full blocks in a row do not shut it out; where there is no base fee the price asked, for
 * all that is offered there is paid. A replacement offers an eighth more than the one before in each respect (nodes want a tenth).
 */
export function chooseFee(market: MarketFee, maxFeeWei: bigint, replaced?: Fee): FeeChoice {
  const floor = replaced === undefined ? { maxFee: 0n, tip: 0n } : raised(replaced);
  const { gasPrice, baseFee } = market;
  const least = max(gasPrice, floor.maxFee);
  if (least > maxFeeWei) {
    const what = replaced === undefined ? 'the network asks' : 'a replacement has to offer';
    return {
      result: 'refused',
      detail: `${what} ${gwei(least)} gwei for a unit of gas, the limit set is ${gwei(maxFeeWei)} gwei`,
    };
  }
  if (baseFee === undefined) return { result: 'chosen', fee: { kind: 'legacy', gasPrice: least } };
  const tip = max(gasPrice - baseFee, floor.tip);
  const wanted = max(2n * baseFee + tip, least);
  const maxFeePerGas = wanted < maxFeeWei ? wanted : maxFeeWei;
  const maxPriorityFeePerGas = tip < maxFeePerGas ? tip : maxFeePerGas;
  return { result: 'chosen', fee: { kind: 'eip1559', maxFeePerGas, maxPriorityFeePerGas } };
}

/** The most that the fee makes a unit of gas cost. */
export function highestPrice(fee: Fee): bigint {
  return fee.kind === 'legacy' ? fee.gasPrice : fee.maxFeePerGas;
}

export function formatFee(fee: Fee): string {
  return JSON.stringify(fee, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

export function parseFee(text: string): Fee {
  return feeSchema.parse(JSON.parse(text));
}

function raised(fee: Fee): { maxFee: bigint; tip: bigint } {
  return {
    maxFee: raise(highestPrice(fee)),
    tip: raise(fee.kind === 'legacy' ? fee.gasPrice : fee.maxPriorityFeePerGas),
  };
}

/** An eighth more, and more in any case. */
function raise(value: bigint): bigint {
  return (value * 9n) / 8n + 1n;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function gwei(value: bigint): string {
  return formatUnits(value, 'gwei').replace(/\.0$/, '');
}
