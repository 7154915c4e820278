import { z } from 'zod';
import type { ChainTransaction } from './chain-reader.js';
import { ChronosError } from './errors.js';
import { RpcReader } from './rpc-reader.js';

/** keccak-256 of `Anchored(uint64,bytes32,uint64,bytes32)`: the first topic of the contract's event. DESIGN section 5. */
export const ANCHORED_TOPIC = '0x5c88edbb750cf126ecd9bd52fe85b66c964716e388eca2e85a083b03bc1c11cd';

/** A JSON-RPC quantity, `0x1b4`, as a safe integer. */
export const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,14}$/)
  .transform((value) => Number(value))
  .refine(Number.isSafeInteger);

const hash = z.string().regex(/^0x[0-9a-fA-F]{64}$/);

/** What we read of a block's header. */
export const blockSchema = z.looseObject({ number: quantity, hash, timestamp: quantity });

/** What we read of a transaction's receipt. */
export const receiptSchema = z.looseObject({
  status: quantity,
  blockNumber: quantity,
  blockHash: hash,
  logs: z.array(z.looseObject({ address: z.string(), topics: z.array(hash), data: z.string() })),
});

/** See {@link receiptSchema}. */
export type EvmReceipt = z.infer<typeof receiptSchema>;

/** The `Anchored` events of a receipt, whichever contract emitted them. */
export function anchoredEvents(logs: EvmReceipt['logs']): ChainTransaction['anchored'] {
  return logs
    .filter(({ topics }) => topics[0]?.toLowerCase() === ANCHORED_TOPIC && topics.length === 3)
    .map(({ address, topics }) => ({
      contract: address.toLowerCase(),
      window: BigInt(topics[1]!),
      root: topics[2]!.toLowerCase().slice(2),
    }));
}

/** Reads a chain by the Ethereum JSON-RPC: three calls a transaction, and one more the first time to make sure of the chain. */
export class EvmReader extends RpcReader {
  protected async servedChain(): Promise<string> {
    return `eip155:${await this.rpc.call('eth_chainId', [], quantity)}`;
  }

  protected async readTransaction(id: string): Promise<ChainTransaction | undefined> {
    const receipt = await this.rpc.call('eth_getTransactionReceipt', [id], receiptSchema.nullable());
    if (receipt === null) return undefined;
    // In this order: a block read at a height that is final by then is the one that stays.
    const finalized = await this.rpc.call('eth_getBlockByNumber', ['finalized', false], blockSchema.nullable());
    const height = `0x${receipt.blockNumber.toString(16)}`;
    const block = await this.rpc.call('eth_getBlockByNumber', [height, false], blockSchema.nullable());
    if (block?.number !== receipt.blockNumber) {
      throw contradiction(`the node has a receipt in block ${receipt.blockNumber} but not that block`);
    }
    const isCanonical = block.hash.toLowerCase() === receipt.blockHash.toLowerCase();
    const own = isCanonical ? block : await this.abandonedBlock(receipt.blockHash);
    return {
      succeeded: receipt.status === 1,
      final: isCanonical && finalized !== null && block.number <= finalized.number,
      block: { number: own.number, hash: receipt.blockHash, timeMs: own.timestamp * 1000 },
      anchored: anchoredEvents(receipt.logs),
    };
  }

  /** A block that another has replaced at its height, or is about to: its own time is what a proof is held against. */
  private async abandonedBlock(hash: string) {
    const block = await this.rpc.call('eth_getBlockByHash', [hash, false], blockSchema.nullable());
    if (block === null) throw contradiction(`the node has a receipt in block ${hash} but not that block`);
    return block;
  }
}

/** The node's answers do not fit together, as they may while it changes its mind: unknown, ask again. */
function contradiction(message: string): ChronosError {
  return new ChronosError('chain_unreachable', message);
}
