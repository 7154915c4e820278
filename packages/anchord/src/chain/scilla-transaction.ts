import { type Anchor, type ChainTransaction, isoTime, readNativeTransaction } from '@chronos/shared';
import type { Endpoints } from './endpoints.js';

/** What the endpoints know of a transaction; a final one with its `Anchored` events. */
export type ScillaTransaction =
  | { state: 'absent' }
  | { state: 'included'; final: false }
  | {
      state: 'included';
      final: true;
      succeeded: boolean;
      block: Anchor['block'];
      anchored: ChainTransaction['anchored'];
    };

/**
 * It is final when every endpoint that answers has it in the same final block: one that lags makes it wait, and one that contradicts makes
 * it `chain_unreachable`, for a proof states that block for ever.
 */
export async function findNativeTransaction(endpoints: Endpoints, id: string): Promise<ScillaTransaction> {
  const answers = await endpoints.all((rpc) => readNativeTransaction(rpc, id));
  const final = answers.filter((answer) => answer.state === 'final');
  const [first, ...others] = final;
  if (first === undefined) {
    return answers.some(({ state }) => state === 'not_final')
      ? { state: 'included', final: false }
      : { state: 'absent' };
  }
  for (const other of others) {
    if (other.block.hash !== first.block.hash || other.succeeded !== first.succeeded) {
      throw endpoints.disagreement(`transaction ${id}`);
    }
  }
  if (final.length < answers.length) return { state: 'included', final: false };
  const { number, hash, timeMs } = first.block;
  return {
    state: 'included',
    final: true,
    succeeded: first.succeeded,
    block: { number, hash, time: isoTime(timeMs) },
    anchored: first.anchored,
  };
}
