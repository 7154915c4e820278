import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { findZilAddress } from './bech32.js';
import { bytesToHex, findHex, hexToBytes, sha256Hex, utf8 } from './hex.js';

/** Of nobody: where a transaction that makes a contract is sent. */
export const NO_ADDRESS = '0'.repeat(40);

/** Hex with or without 0x, or zil1…; undefined for anything else. Letter case is not looked at: only a transaction's own is checked. */
export function findAddress(text: string): string | undefined {
  return findHex(text, 20) ?? findZilAddress(text);
}

/** The last 20 bytes of SHA-256 of the compressed public key (zq2, transaction.rs, `verify_inner`). */
export function publicKeyAddress(compressedKey: Uint8Array): string {
  return sha256Hex(compressedKey).slice(24);
}

/** The last 20 bytes of SHA-256(sender || u64be(nonce - 1)) (zq2, exec.rs, `zil_contract_address`). */
export function contractAddress(sender: string, nonce: bigint): string {
  const preimage = new Uint8Array(28);
  preimage.set(hexToBytes(sender));
  new DataView(preimage.buffer).setBigUint64(20, nonce - 1n);
  return sha256Hex(preimage).slice(24);
}

/** Zilliqa's letter case: bit 6i of SHA-256 of the address's bytes (zq2, api/zilliqa.rs, `to_zil_checksum_string`). */
export function zilliqaChecksum(address: string): string {
  const digest = BigInt(`0x${bytesToHex(sha256(hexToBytes(address)))}`);
  return upperWhere(address, (index) => ((digest >> BigInt(255 - 6 * index)) & 1n) === 1n);
}

/** Ethereum's letter case, EIP-55. */
export function ethereumChecksum(address: string): string {
  const digest = bytesToHex(keccak_256(utf8(address)));
  return upperWhere(address, (index) => parseInt(digest[index]!, 16) >= 8);
}

function upperWhere(address: string, isUpper: (index: number) => boolean): string {
  return Array.from(address)
    .map((digit, index) => (isUpper(index) ? digit.toUpperCase() : digit))
    .join('');
}
