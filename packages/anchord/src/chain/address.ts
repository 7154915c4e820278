import { ChronosError } from '@chronos/shared';
import { fromBech32Address, isValidChecksumAddress } from '@zilliqa-js/crypto';
import { getAddress } from 'ethers';

/** An account from `0x…` (its EIP-55 checksum is checked where it has one) or `zil1…`: as EIP-55 `0x…`. Throws `invalid_settings`. */
export function parseAddress(text: string, field = 'the address'): string {
  const refused = (why: string) => new ChronosError('invalid_settings', `${field} ${why}`, { field });
  if (/^zil1/.test(text)) return parseBech32(text) ?? fail(refused('is no zil1 address: its checksum does not hold'));
  const digits = /^0x([0-9a-fA-F]{40})$/.exec(text)?.[1];
  if (digits === undefined) throw refused('must be 0x and 40 hex digits, or start with zil1');
  const address = getAddress(`0x${digits.toLowerCase()}`);
  const hasChecksum = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (hasChecksum && text !== address) throw refused('has upper and lower case, but its EIP-55 checksum does not hold');
  return address;
}

/**
 * An account of the native side from `zil1…` or 40 hex digits with or without `0x` (its checksum, Zilliqa's own, is checked where it has one):
 * as `0x` and lower-case hex. Throws `invalid_settings`.
 */
export function parseNativeAddress(text: string, field: string): string {
  if (/^zil1/.test(text)) return parseAddress(text, field).toLowerCase();
  const digits = /^(?:0x)?([0-9a-fA-F]{40})$/.exec(text)?.[1];
  const refused = (why: string) => new ChronosError('invalid_settings', `${field} ${why}`, { field });
  if (digits === undefined) throw refused('must be 40 hex digits, or start with zil1');
  const hasChecksum = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (hasChecksum && !isValidChecksumAddress(`0x${digits}`)) {
    throw refused("has upper and lower case, but the checksum of Zilliqa's native side does not hold");
  }
  return `0x${digits.toLowerCase()}`;
}

function parseBech32(text: string): string | undefined {
  try {
    // The library's answer has Zilliqa's own upper and lower case.
    return getAddress(fromBech32Address(text).toLowerCase());
  } catch {
    return undefined;
  }
}

function fail(error: ChronosError): never {
  throw error;
}
