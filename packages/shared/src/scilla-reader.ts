import { z } from 'zod';
import type { ChainTransaction } from './chain-reader.js';
import { ChronosError } from './errors.js';
import { type JsonRpcClient, JsonRpcError } from './json-rpc.js';
import { RpcReader } from './rpc-reader.js';
import { plainAddress } from './zilliqa-address.js';

// Zilliqa's own JSON-RPC, of both generations. Read in zq2 (zilliqa/src/api/zilliqa.rs) and in the documentation of Zilliqa 1.

/** A number that the API writes as a string, as a safe integer. */
export const decimal = z
  .string()
  .regex(/^[0-9]{1,16}$/)
  .transform(Number)
  .refine(Number.isSafeInteger);

const hash = z.string().regex(/^(0x)?[0-9a-fA-F]{64}$/);

/** What we read of a transaction. Contracts of the EVM have logs of another shape; they are passed over. */
const transactionSchema = z.looseObject({
  receipt: z.looseObject({ success: z.boolean(), epoch_num: decimal, event_logs: z.array(z.unknown()).nullish() }),
});

const anchoredSchema = z.looseObject({
  address: z.string(),
  _eventname: z.literal('Anchored'),
  params: z.array(z.looseObject({ vname: z.string(), value: z.unknown() })),
});
const windowSchema = z.string().regex(/^[0-9]{1,20}$/);
const rootSchema = z.string().regex(/^0x[0-9a-fA-F]{64}$/);

/** What we read of a block. `Timestamp` is in microseconds. */
export const txBlockSchema = z.looseObject({
  header: z.looseObject({ BlockNum: z.string(), Timestamp: z.string().regex(/^[0-9]{1,18}$/) }),
  body: z.looseObject({ BlockHash: hash }),
});

/** What a node knows of a transaction: `not_final` is in a block that may still be taken back, `absent` in none that it knows. */
export type NativeTransaction =
  { state: 'absent' | 'not_final' } | ({ state: 'final' } & Omit<ChainTransaction, 'final'>);

/** One endpoint's JSON-RPC. */
type Rpc = Pick<JsonRpcClient, 'call'>;

/** The native chain that an endpoint serves, as proofs name it: `zilliqa:1`. */
export async function readNativeChain(rpc: Rpc): Promise<string> {
  return `zilliqa:${await rpc.call('GetNetworkId', [], decimal)}`;
}

/**
 * Reads a transaction and its block. Both generations answer only for transactions in final blocks: a tx block of Zilliqa 1 is final when it
 * is made, and Zilliqa 2 refuses what is in a block above the finalized one. `id` may have `0x`. Throws `chain_unreachable`, or
 * {@link JsonRpcError} for what the node refuses for reasons of its own.
 */
export async function readNativeTransaction(rpc: Rpc, id: string): Promise<NativeTransaction> {
  let receipt;
  try {
    ({ receipt } = await rpc.call('GetTransaction', [plainAddress(id)], transactionSchema));
  } catch (error) {
    const state = error instanceof JsonRpcError ? absenceOf(error) : undefined;
    if (state === undefined) throw error;
    return { state };
  }
  const number = receipt.epoch_num;
  const block = await rpc.call('GetTxBlock', [String(number)], txBlockSchema.nullable());
  // Zilliqa 1 answers for a block that it has not with one of another number.
  if (block === null || block.header.BlockNum !== String(number)) {
    throw new ChronosError('chain_unreachable', `the node has a receipt in block ${number} but not that block`);
  }
  const timeMs = Number(BigInt(block.header.Timestamp) / 1000n);
  return {
    state: 'final',
    succeeded: receipt.success,
    block: { number, hash: block.body.BlockHash, timeMs },
    anchored: (receipt.event_logs ?? []).flatMap(anchoredEvent),
  };
}

/** Code -20 is any fault of the node's database; only its words say which. */
function absenceOf({ code, message }: JsonRpcError): 'absent' | 'not_final' | undefined {
  if (code !== -20) return undefined;
  if (/not finali[sz]ed/i.test(message)) return 'not_final';
  return /hash not (present|found)/i.test(message) ? 'absent' : undefined;
}

function anchoredEvent(log: unknown): ChainTransaction['anchored'] {
  const event = anchoredSchema.safeParse(log);
  if (!event.success) return [];
  const valueOf = (name: string) => event.data.params.find(({ vname }) => vname === name)?.value;
  const window = windowSchema.safeParse(valueOf('window'));
  const root = rootSchema.safeParse(valueOf('root'));
  if (!window.success || !root.success) return [];
  return [
    {
      contract: `0x${plainAddress(event.data.address)}`,
      window: BigInt(window.data),
      root: plainAddress(root.data),
    },
  ];
}

/** Reads Zilliqa's native side: two calls a transaction, and one more the first time to make sure of the chain. */
export class ScillaReader extends RpcReader {
  protected servedChain(): Promise<string> {
    return readNativeChain(this.rpc);
  }

  protected async readTransaction(id: string): Promise<ChainTransaction | undefined> {
    const transaction = await readNativeTransaction(this.rpc, id);
    if (transaction.state !== 'final') return undefined;
    const { succeeded, block, anchored } = transaction;
    return { succeeded, final: true, block, anchored };
  }
}
