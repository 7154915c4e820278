import { HASH_BYTES } from './hash-rules.js';
import { type HashInto, portableHashInto } from './sha256.js';

/**
 * dcrtime's Merkle root: leaves are the digests themselves in ascending order, a parent is SHA-256(left || right), an odd node is paired with
 * itself, a single leaf is the root. `sorted` holds the digests one after the other, ascending, and is overwritten; the result is a view into it.
 */
export function dcrtimeRootInPlace(sorted: Uint8Array, hashInto: HashInto = portableHashInto): Uint8Array {
  const pair = new Uint8Array(2 * HASH_BYTES);
  for (let count = sorted.length / HASH_BYTES; count > 1; count = Math.ceil(count / 2)) {
    for (let left = 0; left < count; left += 2) {
      const right = Math.min(left + 1, count - 1);
      pair.set(sorted.subarray(left * HASH_BYTES, (left + 1) * HASH_BYTES));
      pair.set(sorted.subarray(right * HASH_BYTES, (right + 1) * HASH_BYTES), HASH_BYTES);
      hashInto(pair, sorted, (left / 2) * HASH_BYTES);
    }
  }
  return sorted.subarray(0, HASH_BYTES);
}
