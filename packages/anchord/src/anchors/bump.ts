import type { Attempt } from '../store/anchors.js';
import type { AttemptNote, TroubleCause } from './anchor-events.js';

export type BumpRefusal =
  | 'nothing_pending'
  | 'unknown_transaction'
  | 'already_replaced'
  | 'already_included'
  | 'paused'
  | 'key_changed'
  | TroubleCause;

/** What came of the operator's wish to replace the pending attempt by a dearer one. */
export type BumpResult =
  | ({ result: 'replaced'; replaced: string; replacedCostZil: string } & AttemptNote)
  /** Nothing was signed. */
  | { result: 'refused'; reason: BumpRefusal; detail: string };

interface Wish {
  account: string;
  /** Unfinished, by nonce, then by age. */
  attempts: readonly Attempt[];
  /** Those of the lowest nonce: only there can something be waiting for a block. */
  rivals: readonly Attempt[];
  paused: boolean;
  transactionId: string | undefined;
}

/** What speaks against it before the chain is asked. */
export function whyNotToBump({ account, attempts, rivals, paused, transactionId }: Wish): BumpResult | undefined {
  if (paused) return refusedToBump('paused', 'anchoring is paused: resume it first');
  const dearest = rivals.at(-1);
  if (dearest === undefined) return refusedToBump('nothing_pending', 'no transaction is pending');
  const chosen =
    transactionId === undefined ? dearest : attempts.find((attempt) => attempt.transactionId === transactionId);
  if (chosen === undefined) return refusedToBump('unknown_transaction', `no transaction ${transactionId} is pending`);
  if (chosen !== dearest) {
    const detail = `transaction ${chosen.transactionId} was replaced already: the pending one is ${dearest.transactionId}`;
    return refusedToBump('already_replaced', detail);
  }
  if (dearest.account === account) return undefined;
  return refusedToBump('key_changed', `it was signed by ${dearest.account}, which the wallet is no longer`);
}

export function refusedToBump(reason: BumpRefusal, detail: string): BumpResult {
  return { result: 'refused', reason, detail };
}
