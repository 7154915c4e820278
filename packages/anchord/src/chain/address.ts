import { ChronosError } from '@chronos/shared';
import { fromBech32Address } from '@zilliqa-js/crypto';
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
