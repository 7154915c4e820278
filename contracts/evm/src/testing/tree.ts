// The trees of DESIGN.md section 3 once more, after the recursive definition of RFC 9162 section 2.1.1: the contract
// follows the iterative algorithm of 2.1.3.2, so that one mistake cannot be in both.
import { createHash } from 'node:crypto';

export function sha256(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(Buffer.from(part.replace(/^0x/, ''), 'hex'));
  return `0x${hash.digest('hex')}`;
}

export function leafHash(submitted: string, salt: string): string {
  return sha256('0x00', sha256(submitted, salt));
}

/** The root that a path leads to; undefined where no leaf with this index has a path of this length. */
export function rootFromPath(leaf: string, index: bigint, size: bigint, path: readonly string[]): string | undefined {
  if (index >= size) return undefined;
  if (size === 1n) return path.length === 0 ? leaf : undefined;
  const sibling = path.at(-1);
  if (sibling === undefined) return undefined;
  const split = leftSize(size);
  const inLeft = index < split;
  const child = inLeft
    ? rootFromPath(leaf, index, split, path.slice(0, -1))
    : rootFromPath(leaf, index - split, size - split, path.slice(0, -1));
  if (child === undefined) return undefined;
  return inLeft ? sha256('0x01', child, sibling) : sha256('0x01', sibling, child);
}

/** How many siblings the path of this leaf has. */
export function pathLength(index: bigint, size: bigint): number {
  if (size === 1n) return 0;
  const split = leftSize(size);
  return 1 + (index < split ? pathLength(index, split) : pathLength(index - split, size - split));
}

/** The largest power of two below `size`. */
function leftSize(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}
