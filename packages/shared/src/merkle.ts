import { concatBytes, equalBytes } from './bytes.js';
import { type HashInto, sha256 } from './sha256.js';

// The Merkle tree of RFC 9162 section 2.1, over SHA-256. Leaves and nodes are hashed with different prefixes
// (0x00, 0x01), so that neither can be passed off as the other.

const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

/**
 * Reads the hash of a complete subtree: the one over the leaves from `index * 2^level` to before `(index + 1) * 2^level`.
 * Level 0 holds the leaf hashes. Only subtrees that lie wholly within the tree are asked for.
 */
export type NodeReader = (level: number, index: number) => Uint8Array;

/** SHA-256(0x00 || entry): 32 bytes. */
export function leafHash(entry: Uint8Array, hashInto?: HashInto): Uint8Array<ArrayBuffer> {
  return sha256(concatBytes(LEAF_PREFIX, entry), hashInto);
}

/** SHA-256(0x01 || left || right): 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hashInto?: HashInto): Uint8Array<ArrayBuffer> {
  return sha256(concatBytes(NODE_PREFIX, left, right), hashInto);
}

/** The largest power of two below `size` (at least 2): where RFC 9162 splits a tree. */
function splitPoint(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

/** The level of a complete subtree of `size` leaves, a power of two. Counted, as `Math.log2` rounds. */
function levelOf(size: number): number {
  let level = 0;
  while (2 ** level < size) level++;
  return level;
}

function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(message);
}

/** The hash over the leaves from `start` to before `end`, where `start` is a multiple of the smallest power of two that holds the range. */
function rangeHash(start: number, end: number, node: NodeReader, hashInto?: HashInto): Uint8Array {
  const size = end - start;
  if (size === 1) return node(0, start);
  const k = splitPoint(size);
  if (size === 2 * k) return node(levelOf(size), start / size);
  return nodeHash(rangeHash(start, start + k, node, hashInto), rangeHash(start + k, end, node, hashInto), hashInto);
}

/** The root of the first `size` leaves, 32 bytes. Throws `RangeError` unless `size` is an integer from 1. */
export function treeRoot(size: number, node: NodeReader, hashInto?: HashInto): Uint8Array {
  refuseUnless(Number.isSafeInteger(size) && size >= 1, `a tree of ${size} leaves has no root`);
  return rangeHash(0, size, node, hashInto);
}

/**
 * The inclusion proof of leaf `index` in the tree of the first `size` leaves: sibling hashes of 32 bytes, from the leaf up.
 * Throws `RangeError` where the tree has no such leaf. RFC 9162 section 2.1.3.1.
 */
export function inclusionPath(index: number, size: number, node: NodeReader, hashInto?: HashInto): Uint8Array[] {
  const isLeaf = Number.isSafeInteger(index) && Number.isSafeInteger(size) && 0 <= index && index < size;
  refuseUnless(isLeaf, `a tree of ${size} leaves has no leaf ${index}`);
  const path: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.unshift(rangeHash(middle, end, node, hashInto));
      end = middle;
    } else {
      path.unshift(rangeHash(start, middle, node, hashInto));
      start = middle;
    }
  }
  return path;
}

/**
 * The proof that the first `from` leaves are a prefix of the first `to` leaves, as hashes of 32 bytes.
 * Throws `RangeError` unless 1 <= from <= to. RFC 9162 section 2.1.4.1.
 */
export function consistencyPath(from: number, to: number, node: NodeReader, hashInto?: HashInto): Uint8Array[] {
  const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && 1 <= from && from <= to;
  refuseUnless(isRange, `there is no consistency proof from ${from} leaves to ${to}`);
  const path: Uint8Array[] = [];
  let start = 0;
  let end = to;
  let known = true; // whether the subtree that is left to prove is the whole old tree, whose hash the verifier has
  while (from !== end) {
    const middle = start + splitPoint(end - start);
    if (from <= middle) {
      path.unshift(rangeHash(middle, end, node, hashInto));
      end = middle;
    } else {
      path.unshift(rangeHash(start, middle, node, hashInto));
      start = middle;
      known = false;
    }
  }
  if (!known) path.unshift(rangeHash(start, end, node, hashInto));
  return path;
}

/** The root that `leaf` at `index` and `path` lead to, or undefined where the path's length does not fit. RFC 9162 section 2.1.3.2. */
function rootFromPath(leaf: Uint8Array, index: bigint, size: bigint, path: readonly Uint8Array[], hashInto?: HashInto) {
  let fn = index;
  let sn = size - 1n;
  let hash = leaf;
  for (const sibling of path) {
    if (sn === 0n) return undefined;
    if ((fn & 1n) === 1n || fn === sn) {
      hash = nodeHash(sibling, hash, hashInto);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling, hashInto);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? hash : undefined;
}

/** Whether `path` proves that `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves with this root. Sizes are bigint: they may pass 2^53. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  path: readonly Uint8Array[],
  root: Uint8Array,
  hashInto?: HashInto,
): boolean {
  if (index < 0n || index >= size || ![leaf, ...path].every((hash) => hash.length === 32)) return false;
  const computed = rootFromPath(leaf, index, size, path, hashInto);
  return computed !== undefined && equalBytes(computed, root);
}

/** Whether `path` proves that the tree of `from` leaves with root `fromRoot` is a prefix of that of `to` leaves with root `toRoot`. RFC 9162 section 2.1.4.2. */
export function verifyConsistency(
  from: bigint,
  to: bigint,
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
  path: readonly Uint8Array[],
  hashInto?: HashInto,
): boolean {
  if (from < 1n || from > to || path.some((hash) => hash.length !== 32)) return false;
  if (from === to) return path.length === 0 && equalBytes(fromRoot, toRoot);
  let fn = from - 1n;
  let sn = to - 1n;
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  // A tree of a power of two leaves is itself the first node, and is not repeated in the path.
  const [first, ...rest] = fn === 0n ? [fromRoot, ...path] : path;
  if (first === undefined || rest.length === 0) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      oldHash = nodeHash(sibling, oldHash, hashInto);
      newHash = nodeHash(sibling, newHash, hashInto);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      newHash = nodeHash(newHash, sibling, hashInto);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(oldHash, fromRoot) && equalBytes(newHash, toRoot);
}
