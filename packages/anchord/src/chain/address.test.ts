import { describe, expect, test } from '@jest/globals';
import { parseAddress } from './address.js';

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
