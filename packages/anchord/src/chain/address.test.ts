import { describe, expect, test } from '@jest/globals';
import { parseAddress, parseNativeAddress } from './address.js';

const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const ZIL = 'zil17w0adeg64ky0daxwd2ugyuneellmjgnx46jhdl';

describe('an address', () => {
  test.each([
    ['with its checksum', ADDRESS],
    ['in lower case', ADDRESS.toLowerCase()],
    ['in upper case', `0x${ADDRESS.slice(2).toUpperCase()}`],
    ['as Zilliqa writes it', ZIL],
  ])('%s is read', (_name, text) => {
    expect(parseAddress(text)).toBe(ADDRESS);
  });

  test.each([
    ['with one letter of the other case', ADDRESS.replace('F', 'f'), 'EIP-55'],
    ['one digit short', ADDRESS.slice(0, -1), '40 hex digits'],
    ['without 0x', ADDRESS.slice(2), '40 hex digits'],
    ['of 64 digits, as a key has', `0x${'1'.repeat(64)}`, '40 hex digits'],
    ['zil1 with one letter changed', ZIL.replace('7w', '8w'), 'checksum'],
    ['zil1 too short', ZIL.slice(0, -1), 'checksum'],
    ['zil1 in mixed case', ZIL.replace('w', 'W'), 'checksum'],
    ['that is empty', '', '40 hex digits'],
  ])('%s is refused by the name of its field', (_name, text, why) => {
    const message = expect.stringMatching(new RegExp(`^CHRONOS_X .*${why}`));
    expect(() => parseAddress(text, 'CHRONOS_X')).toThrow(
      expect.objectContaining({ code: 'invalid_settings', message }),
    );
  });
});

describe('an address of the native side', () => {
  // The checksummed one is of zq2's tests.
  const plain = '0x12a45b789d1f345c789def456789012be3467890';

  test.each([plain, plain.slice(2), '0x12a45b789D1F345c789dEf456789012bE3467890'])('may be written %s', (text) => {
    expect(parseNativeAddress(text, 'X')).toBe(plain);
  });

  test('may be written zil1…', () => {
    // The pair stands in Zilliqa's documentation of CreateTransaction.
    const zil = 'zil1fwh4ltdguhde9s7nysnp33d5wye6uqpugufkz7';
    expect(parseNativeAddress(zil, 'X')).toBe('0x4baf5fada8e5db92c3d3242618c5b47133ae003c');
    expect(() => parseNativeAddress(zil.replace('1f', '1g'), 'X')).toThrow('its checksum does not hold');
  });

  test.each([
    ['0x12A45b789D1F345c789dEf456789012bE3467890', 'checksum'],
    [`${plain}0`, '40 hex digits'],
  ])('may not be written %s', (text, why) => {
    expect(() => parseNativeAddress(text, 'X')).toThrow(why);
  });
});
