import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plainAddress } from '@chronos/shared';
import { temporaryFolder } from '../test-support/temporary.js';
import { openScillaWallet, type ScillaWallet } from './scilla-wallet.js';

// The key stands in Zilliqa's documentation. The address was computed apart: the last 20 bytes of the SHA-256 of the compressed public key.
const KEY = 'e19d05c5452598e24caad4a0d85a49146f7be089515c905ae6a19e8a578a6930';
const ADDRESS = '0x9bfec715a6bd658fcb62b0f8cc9bfa2ade71434a';

const temporary = temporaryFolder();
let wallet: ScillaWallet;
beforeAll(async () => {
  const file = join(temporary.folder, 'key');
  writeFileSync(file, KEY);
  chmodSync(file, 0o600);
  wallet = await openScillaWallet({ file });
});
afterAll(() => temporary.remove());

const unsigned = {
  ...{ chainId: 31_337, to: `0x${'ab'.repeat(20)}`, nonce: 7n, gasPriceQa: 2_000_000_016n, gasLimit: 1_000n },
  data: { _tag: 'Anchor', params: [] },
};

test('signs what is to be posted, with all the fields that a node wants', () => {
  const { parameter } = wallet.sign(unsigned);
  expect(JSON.parse(parameter)).toEqual({
    version: 31_337 * 65_536 + 1,
    toAddr: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/) as unknown,
    nonce: 7,
    pubKey: expect.stringMatching(/^0[23][0-9a-f]{64}$/) as unknown,
    ...{ amount: '0', gasPrice: '2000000016', gasLimit: '1000', code: '' },
    data: '{"_tag":"Anchor","params":[]}',
    signature: expect.stringMatching(/^[0-9a-f]{128}$/) as unknown,
    priority: false,
  });
});

test('the id is of the content: signed again it stays, at another price it does not', () => {
  const { transactionId, parameter } = wallet.sign(unsigned);
  expect(transactionId).toMatch(/^[0-9a-f]{64}$/);
  const again = wallet.sign(unsigned);
  expect(again.transactionId).toBe(transactionId);
  expect(again.parameter).not.toBe(parameter);
  expect(wallet.sign({ ...unsigned, gasPriceQa: 2_000_000_017n }).transactionId).not.toBe(transactionId);
});

test('the key shows in no inspection', () => {
  expect(`${inspect(wallet, { depth: 9 })}${JSON.stringify(wallet)}`.toLowerCase()).not.toContain(KEY.slice(0, 16));
  expect(Object.isFrozen(wallet)).toBe(true);
});

test('has the address that the native side knows the key by', () => {
  expect(wallet.address).toBe(ADDRESS);
  expect(plainAddress(wallet.zilAddress)).toBe(ADDRESS.slice(2));
});
