import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

export { bytesToHex, hexToBytes };

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const sha256Hex = (bytes: Uint8Array): string => bytesToHex(sha256(bytes));

/** Lower case, without 0x: the one form in which ids and addresses are kept. Undefined for anything but so many bytes of hex. */
export function findHex(text: string, bytes: number): string | undefined {
  const hex = text.startsWith('0x') ? text.slice(2) : text;
  return hex.length === bytes * 2 && /^[0-9a-fA-F]*$/.test(hex) ? hex.toLowerCase() : undefined;
}
