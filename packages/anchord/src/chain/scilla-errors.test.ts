import { expect, test } from '@jest/globals';
import { JsonRpcError } from '@chronos/shared';
import { resultOfError, resultOfInfo } from './scilla-errors.js';

test.each([
  'Txn processed',
  'Txn already present',
  'Non-contract txn, sent to shard',
  'Contract Txn, Shards Match of the sender and reciever',
  'Contract Creation txn, sent to shard',
])('"%s" means taken', (info) => {
  expect(resultOfInfo(info)).toEqual({ result: 'accepted' });
});

test('an answer that reads like a yes and is none is not taken for one', () => {
  expect(resultOfInfo('Nonce (5) lower than current (6)')).toEqual({ result: 'nonce_used' });
  const replaced = 'Another transaction exists with the same nonce but a higher gas price';
  expect(resultOfInfo(replaced)).toEqual({ result: 'refused', reason: 'fee_too_low', detail: replaced });
  expect(resultOfInfo('Something new')).toEqual({ result: 'refused', reason: 'other', detail: 'Something new' });
});

test('a network that takes no native transactions is told in our words', () => {
  const refused = { result: 'refused', reason: 'not_accepted_by_network' };
  const detail = 'this network takes no native transactions';
  expect(resultOfError(new JsonRpcError(-32, 'CreateTransaction is disabled'))).toEqual({ ...refused, detail });
});

test.each([
  [-8, 'Nonce (5) lower than current (6)', { result: 'nonce_used' }],
  [-8, 'Txn nonce (5) is too low for account (6)', { result: 'nonce_used' }],
  [-8, 'Insufficient funds in source account!', { reason: 'insufficient_funds' }],
  [-5, 'The sender of the txn has no balance', { reason: 'insufficient_funds' }],
  [-26, 'Provided gas price is too low', { reason: 'fee_too_low' }],
  [-26, 'GasPrice 1 lower than minimum allowable 2000000000', { reason: 'fee_too_low' }],
  [-26, 'unexpected chain ID, expected: 1, got: 333', { reason: 'not_accepted_by_network' }],
  [-26, 'signature', { reason: 'other' }],
  [-20, 'Txn could not be added as database exceeded limit or the txn was already present', { result: 'accepted' }],
])('error %i "%s" is understood', (code, message, meaning) => {
  expect(resultOfError(new JsonRpcError(code, message))).toMatchObject(meaning);
});
