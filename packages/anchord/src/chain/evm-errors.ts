import { anchorsAbi } from '@chronos/evm-contract';
import type { JsonRpcError } from '@chronos/shared';
import { Interface } from 'ethers';
import type { AnchorForecast, BroadcastResult, RefusalReason } from './chain.js';

// What nodes say when they refuse. Read in Zilliqa's zq2 0.21 (transaction.rs, pool.rs, api/eth.rs) and in geth, and seen from anvil 1.7.1.

const ALREADY_KNOWN = /already (known|imported|exists)|known transaction|duplicate transaction/i;
const NONCE_USED = /nonce( \(\d+\))?( is)? (too low|lower than)|old nonce/i;
const REFUSALS: readonly (readonly [RegExp, RefusalReason])[] = [
  [/insufficient (funds|balance)/i, 'insufficient_funds'],
  [/underpriced|gas price is too low|(max )?fee( per gas)?( is)? (too low|less than)/i, 'fee_too_low'],
  [/disabled|chain ?id|not supported/i, 'not_accepted_by_network'],
];

export const anchorsInterface = new Interface(anchorsAbi);

/** The contract's custom errors, by the four bytes that a revert starts with. */
const ERROR_NAMES = new Map<string, string>();
anchorsInterface.forEachError(({ selector, name }) => ERROR_NAMES.set(selector, name));

/** What a node's refusal of a raw transaction means. */
export function broadcastResultOf(error: JsonRpcError): BroadcastResult {
  if (ALREADY_KNOWN.test(error.message)) return { result: 'accepted' };
  if (NONCE_USED.test(error.message)) return { result: 'nonce_used' };
  const reason = REFUSALS.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'other';
  return { result: 'refused', reason, detail: error.message };
}

/** What a refused gas estimate says of the anchors; undefined where it says nothing of them. */
export function forecastOf(error: JsonRpcError, account: string): AnchorForecast | undefined {
  if (error.code === 3 || /revert/i.test(error.message)) return refusalByContract(error, account);
  if (/insufficient (funds|balance)|exceeds allowance/i.test(error.message)) {
    return { result: 'refused', reason: 'insufficient_funds', detail: error.message };
  }
  return undefined;
}

function refusalByContract(error: JsonRpcError, account: string): AnchorForecast {
  const selector = typeof error.data === 'string' ? error.data.slice(0, 10).toLowerCase() : '';
  const name = ERROR_NAMES.get(selector);
  if (name === 'AlreadyAnchored') return { result: 'already_anchored' };
  if (name === 'NotOwner') {
    return { result: 'refused', reason: 'not_owner', detail: `${account} is not the owner of the anchor contract` };
  }
  return { result: 'refused', reason: 'other', detail: `the contract refuses: ${name ?? error.message}` };
}
