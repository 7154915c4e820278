import { expect, test } from '@jest/globals';
import { plainAddress } from './zilliqa-address.js';

// The pair stands in Zilliqa's documentation of CreateTransaction.
const HEX = '4baf5fada8e5db92c3d3242618c5b47133ae003c';
const ZIL = 'zil1fwh4ltdguhde9s7nysnp33d5wye6uqpugufkz7';

test.each([HEX, `0x${HEX}`, '0x4BAF5faDA8e5Db92C3d3242618c5B47133AE003C', ZIL])('%s is one address', (text) => {
  expect(plainAddress(text)).toBe(HEX);
});

test.each([
  ['with a letter changed', ZIL.replace('zil1f', 'zil1g')],
  ['of 32 bytes', 'zil1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdgfxsu'],
])('a zil1 address %s is no address', (_, text) => {
  expect(plainAddress(text)).toBe(text);
});
