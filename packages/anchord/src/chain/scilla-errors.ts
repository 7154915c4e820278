import type { JsonRpcError } from '@chronos/shared';
import type { BroadcastResult, RefusalReason } from './chain.js';

// What CreateTransaction answers, of both generations. Read in Zilliqa's zq2 0.21 (api/zilliqa.rs) and in the documentation of Zilliqa 1.

/** The only words of `Info` that mean that a transaction was taken. */
const TAKEN =
  /^(Txn processed|Txn already present|Non-contract txn, sent to shard|Contract Txn, Shards Match|Contract Creation txn, sent to shard)/i;
/** An error of Zilliqa 1 that says "known" or "full" and not which; what is meant shows when the transaction is looked for. */
const MAYBE_KNOWN = /the txn was already present/i;
/** Answered as `Info`, where it reads as if it were taken, or as an error. */
const NONCE_USED = /nonce \(\d+\).*(lower than current|too low)/i;
const REFUSALS: readonly (readonly [RegExp, RefusalReason])[] = [
  [/insufficient (funds|balance)|has no balance/i, 'insufficient_funds'],
  [/gas ?price .*(too low|lower than)|same nonce but a higher gas price/i, 'fee_too_low'],
  [/chain ?id|not supported/i, 'not_accepted_by_network'],
];

/** "CreateTransaction is disabled": mainnet since July 2026. */
const DISABLED_CODE = -32;

export const NO_NATIVE_TRANSACTIONS = 'this network takes no native transactions';

/** Whether a node says that it takes no native transactions at all. */
export function isDisabled({ code, message }: JsonRpcError): boolean {
  return code === DISABLED_CODE || /\bdisabled\b/i.test(message);
}

/** What the `Info` of an answer means: not every answer without an error is a yes. */
export function resultOfInfo(info: string): BroadcastResult {
  return TAKEN.test(info) ? { result: 'accepted' } : refusalOf(info);
}

export function resultOfError(error: JsonRpcError): BroadcastResult {
  if (isDisabled(error)) {
    return { result: 'refused', reason: 'not_accepted_by_network', detail: NO_NATIVE_TRANSACTIONS };
  }
  return MAYBE_KNOWN.test(error.message) ? { result: 'accepted' } : refusalOf(error.message);
}

function refusalOf(message: string): BroadcastResult {
  if (NONCE_USED.test(message)) return { result: 'nonce_used' };
  const reason = REFUSALS.find(([pattern]) => pattern.test(message))?.[1] ?? 'other';
  return { result: 'refused', reason, detail: message };
}
