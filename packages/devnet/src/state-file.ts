import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { parseJson } from './contract.js';
import type { LedgerState } from './ledger.js';
import type { Pending } from './pool.js';

/** What outlives the process. Faults do not. */
export interface SavedState {
  chainId: number;
  ledger: LedgerState;
  pending: readonly Pending[];
}

export class StateFileError extends Error {}

const FORMAT = 'chronos-devnet-state/1';

const big = z
  .string()
  .regex(/^[0-9]+$/)
  .transform(BigInt);
const map = <T extends z.ZodType>(value: T) =>
  z.array(z.tuple([z.string(), value])).transform((entries) => new Map(entries as [string, z.output<T>][]));

const param = z.object({ vname: z.string(), type: z.string(), value: z.string() });
const anchorState = z.object({
  owner: z.string(),
  pendingOwner: z.string(),
  latestRoot: z.string(),
  latestWindow: big,
  anchorCount: big,
  anchors: map(big),
});
const account = z.object({
  balance: big,
  nonce: big,
  contract: z.object({ code: z.string(), init: z.array(param), state: anchorState }).optional(),
});
const transaction = z.object({
  ...{ version: z.number(), nonce: big, to: z.string(), publicKey: z.string(), amount: big, gasPrice: big },
  ...{ gasLimit: big, code: z.string(), data: z.string(), id: z.string(), sender: z.string(), signature: z.string() },
});
const receipt = z.object({
  success: z.boolean(),
  accepted: z.boolean(),
  gasUsed: big,
  cumulativeGasUsed: big,
  events: z.array(z.object({ address: z.string(), event: z.object({ name: z.string(), params: z.array(param) }) })),
  errors: z.record(z.string(), z.array(z.number())),
  exceptions: z.array(z.string()),
  contractAddress: z.string().optional(),
});
const block = z.object({
  ...{ number: z.number(), hash: z.string(), parentHash: z.string(), timestampUs: big },
  ...{ transactions: z.array(z.string()), gasUsed: big, feesQa: big },
  undo: map(account.nullable().transform((before) => before ?? undefined)),
});
const savedState = z.object({
  format: z.literal(FORMAT),
  chainId: z.number(),
  ledger: z.object({
    blocks: z.array(block),
    accounts: map(account),
    included: map(z.object({ transaction, receipt, blockNumber: z.number() })),
  }),
  pending: z.array(z.object({ transaction, notBefore: z.number(), expiresAfter: z.number() })),
});

/** The state of the file; undefined where there is none yet. Throws StateFileError for another chain's, or what is no state. */
export function readState(file: string, chainId: number): SavedState | undefined {
  if (!existsSync(file)) return undefined;
  const parsed = savedState.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new StateFileError(`${file} is not a state of chronos-devnet`);
  if (parsed.data.chainId !== chainId)
    throw new StateFileError(`${file} is of chain ${parsed.data.chainId}, not of ${chainId}`);
  return parsed.data;
}

/** Whole or not at all: written beside it, then put in its place. */
export function writeState(file: string, state: SavedState): void {
  const text = JSON.stringify({ format: FORMAT, ...state }, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Map
      ? [...(value as Map<string, unknown>)].map(([key, held]) => [key, held ?? null])
      : value;
  });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
