import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/**
 * SHA-256 of `input`, written as 32 bytes into `out` from `at`. `input` and `out` may not overlap.
 * Trees take it as a parameter, so that Node's native hash can stand in for the portable one.
 */
export type HashInto = (input: Uint8Array, out: Uint8Array, at: number) => void;

/** The portable {@link HashInto}, for browsers and wherever speed does not matter. */
export const portableHashInto: HashInto = (input, out, at) => {
  out.set(nobleSha256(input), at);
};

/** SHA-256 of `input`: 32 new bytes. */
export function sha256(input: Uint8Array, hashInto: HashInto = portableHashInto): Uint8Array<ArrayBuffer> {
  const digest = new Uint8Array(32);
  hashInto(input, digest, 0);
  return digest;
}
