import { expect, test } from '@jest/globals';
import { JsonRpcError } from '@chronos/shared';
import { broadcastResultOf, forecastOf } from './evm-errors.js';

// The texts of anvil 1.7.1 as it gave them, of Zilliqa's zq2 and of geth as they stand in their sources.
test.each([
  ['transaction already imported', 'accepted'],
  ['already known', 'accepted'],
  ['known transaction: 0x12', 'accepted'],
  ['nonce too low', 'nonce_used'],
  ['nonce too low: address 0xf39F, tx: 0 state: 1', 'nonce_used'],
  ['Nonce (5) lower than current (6)', 'nonce_used'],
  ['Txn nonce (5) is too low for account (6)', 'nonce_used'],
  ['replacement transaction underpriced', 'fee_too_low'],
  ['transaction underpriced: tip needed 1, tip permitted 0', 'fee_too_low'],
  ['Provided gas price is too low', 'fee_too_low'],
  ['max fee per gas less than block base fee', 'fee_too_low'],
  ['Insufficient funds for gas * price + value', 'insufficient_funds'],
  ['insufficient funds for gas * price + value: balance 0', 'insufficient_funds'],
  ['Insufficient funds - txn cost 5 but account balance 3', 'insufficient_funds'],
  ['CreateTransaction is disabled', 'not_accepted_by_network'],
  ['invalid chain id for signer', 'not_accepted_by_network'],
  ['intrinsic gas too high -- tx.gas_limit > env.block.gas_limit', 'other'],
  ['Global number of transactions stored in the mempool has been exceeded!', 'other'],
])('“%s” means %s', (message, meaning) => {
  const result = broadcastResultOf(new JsonRpcError(-32003, message));
  expect(result.result === 'refused' ? result.reason : result.result).toBe(meaning);
  if (result.result === 'refused') expect(result.detail).toBe(message);
});

const root = '11'.repeat(32);
test.each([
  ['AlreadyAnchored', 3, 'execution reverted', `0x30d23813${root}`, { result: 'already_anchored' }],
  [
    'NotOwner',
    3,
    'execution reverted: custom error 0x30cd7471',
    '0x30cd7471',
    { result: 'refused', reason: 'not_owner' },
  ],
  ['another custom error', 3, 'execution reverted', '0xdeadbeef', { result: 'refused', reason: 'other' }],
  ['a revert without data', -32000, 'execution reverted', undefined, { result: 'refused', reason: 'other' }],
  ['no funds', -32000, 'insufficient funds for gas', undefined, { result: 'refused', reason: 'insufficient_funds' }],
])('an estimate that fails by %s is understood', (_name, code, message, data, expected) => {
  expect(forecastOf(new JsonRpcError(code, message, data), '0xf3')).toMatchObject(expected);
});

test('an estimate that fails for the node’s own reasons says nothing of the anchors', () => {
  const error = new JsonRpcError(-32000, 'State required to execute request does not exist');
  expect(forecastOf(error, '0xf3')).toBeUndefined();
});
