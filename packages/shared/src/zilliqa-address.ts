import { bech32 } from '@scure/base';
import { toHex } from './bytes.js';

const ADDRESS_BYTES = 20;

/**
 * An address or a hash as Zilliqa's APIs and people write it (with and without `0x`, in any case, `zil1…`) in the one way that can be
 * compared: lower-case hex digits without `0x`. A `zil1…` whose checksum does not hold comes back as it was, and so equals no other.
 */
export function plainAddress(text: string): string {
  return text.startsWith('zil1') ? (decodeZil(text) ?? text) : text.toLowerCase().replace(/^0x/, '');
}

/** Zilliqa's bech32 is BIP 173's, with the address alone as its data. Source: @zilliqa-js/crypto, bech32. */
function decodeZil(text: string): string | undefined {
  const decoded = bech32.decodeUnsafe(text);
  const bytes = decoded?.prefix === 'zil' ? bech32.fromWordsUnsafe(decoded.words) : undefined;
  return bytes?.length === ADDRESS_BYTES ? toHex(bytes) : undefined;
}
