import { HASH_BYTES } from '@chronos/shared';

/** Below this many, insertion is quicker than another pass of buckets. */
const FEW = 24;

/**
 * Sorts digests (32 bytes each, one after the other) ascending, in place. A radix sort from the first byte on: at most 32 passes over the
 * digests, whatever an attacker makes of their prefixes; three for random ones.
 */
export function sortDigests(digests: Uint8Array): void {
  sortRange(digests, new Uint8Array(digests.length), 0, digests.length / HASH_BYTES, 0);
}

/** Sorts the digests from `from` to before `to`, which are equal in their first `byte` bytes. */
function sortRange(digests: Uint8Array, spare: Uint8Array, from: number, to: number, byte: number): void {
  if (byte === HASH_BYTES) return;
  if (to - from <= FEW) {
    insertionSort(digests, from, to, byte);
    return;
  }
  const ends = new Uint32Array(257);
  for (let i = from; i < to; i++) ends[digests[i * HASH_BYTES + byte]! + 1]!++;
  for (let value = 0; value < 256; value++) ends[value + 1]! += ends[value]!;
  const next = ends.slice(0, 256);
  for (let i = from; i < to; i++) {
    const target = from + next[digests[i * HASH_BYTES + byte]!]!++;
    spare.set(digests.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), target * HASH_BYTES);
  }
  digests.set(spare.subarray(from * HASH_BYTES, to * HASH_BYTES), from * HASH_BYTES);
  for (let value = 0; value < 256; value++) {
    if (ends[value + 1]! - ends[value]! > 1)
      sortRange(digests, spare, from + ends[value]!, from + ends[value + 1]!, byte + 1);
  }
}

function insertionSort(digests: Uint8Array, from: number, to: number, byte: number): void {
  const held = new Uint8Array(HASH_BYTES);
  for (let i = from + 1; i < to; i++) {
    let j = i;
    while (j > from && isBelow(digests, i * HASH_BYTES, (j - 1) * HASH_BYTES, byte)) j--;
    if (j === i) continue;
    held.set(digests.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    digests.copyWithin((j + 1) * HASH_BYTES, j * HASH_BYTES, i * HASH_BYTES);
    digests.set(held, j * HASH_BYTES);
  }
}

function isBelow(digests: Uint8Array, a: number, b: number, byte: number): boolean {
  for (let i = byte; i < HASH_BYTES; i++) {
    if (digests[a + i] !== digests[b + i]) return digests[a + i]! < digests[b + i]!;
  }
  return false;
}
