import { concatBytes, u64be } from './bytes.js';
import { type HashInto, sha256 } from './sha256.js';

/** Bytes of a digest, an entry, a leaf, a node and a root. */
export const HASH_BYTES = 32;
/** Bytes of the salt that the service adds to each digest. */
export const SALT_BYTES = 16;
/** Bytes of the blinding that a client may add to a digest. */
export const BLINDING_BYTES = 16;

/** What is submitted for a blinded digest: SHA-256(digest || blinding). DESIGN section 3. */
export function blindDigest(digest: Uint8Array, blinding: Uint8Array, hashInto?: HashInto): Uint8Array<ArrayBuffer> {
  return sha256(concatBytes(digest, blinding), hashInto);
}

/** The entry of a submitted digest: SHA-256(submitted || salt). DESIGN section 3. */
export function entryHash(submitted: Uint8Array, salt: Uint8Array, hashInto?: HashInto): Uint8Array<ArrayBuffer> {
  return sha256(concatBytes(submitted, salt), hashInto);
}

/** A record of the window log: u64be(window id) || u64be(tree size) || root, 48 bytes. DESIGN section 3. */
export function windowRecord(windowId: number, treeSize: number, root: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(u64be(windowId), u64be(treeSize), root);
}
