import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { equalBytes, fromHex, toHex } from './bytes.js';
import { consistencyCases, inclusionCases, windowLog, windowTrees } from './fixtures/vectors.js';
import { entryHash, windowRecord } from './hash-rules.js';
import {
  consistencyPath,
  inclusionPath,
  leafHash,
  nodeHash,
  type NodeReader,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from './merkle.js';

const base64 = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

/** The Merkle tree hash by the letter of RFC 9162 section 2.1.1, to hold the rest against. */
function slowRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)));
}

/** Reads complete nodes by hashing their leaves, each once; refuses whatever is not wholly within the tree. */
function readerOf(leaves: readonly Uint8Array[]): NodeReader {
  const known = new Map<string, Uint8Array>();
  return (level, index) => {
    const size = 2 ** level;
    if ((index + 1) * size > leaves.length) throw new Error(`node ${index} of level ${level} is not complete`);
    const node = known.get(`${level}/${index}`) ?? slowRoot(leaves.slice(index * size, (index + 1) * size));
    known.set(`${level}/${index}`, node);
    return node;
  };
}

const leavesOf = (size: number) => Array.from({ length: size }, (_, i) => leafHash(Uint8Array.of(i, i >> 8)));

/** `bytes` with one bit turned. */
function turned(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

describe('the public conformance cases of RFC 6962', () => {
  test.each(inclusionCases)('inclusion $name', ({ leafHash: leaf, leafIdx, treeSize, proof, root, wantErr }) => {
    const path = (proof ?? []).map(base64);
    expect(verifyInclusion(base64(leaf), BigInt(leafIdx), BigInt(treeSize), path, base64(root))).toBe(!wantErr);
  });

  test.each(consistencyCases)('consistency $name', ({ size1, size2, root1, root2, proof, wantErr }) => {
    const path = (proof ?? []).map(base64);
    expect(verifyConsistency(BigInt(size1), BigInt(size2), base64(root1), base64(root2), path)).toBe(!wantErr);
  });
});

describe('the window trees of the vectors', () => {
  test.each(windowTrees)('a window of $size digests', ({ size, digests, salts, root, proofs }) => {
    const leaves = digests.map((digest, i) => leafHash(entryHash(fromHex(digest), fromHex(salts[i]!))));
    const node = readerOf(leaves);
    expect(toHex(treeRoot(size, node))).toBe(root);
    for (const { leafIndex, path } of proofs) {
      expect(inclusionPath(leafIndex, size, node).map(toHex)).toEqual(path);
      const leaf = leaves[leafIndex]!;
      expect(verifyInclusion(leaf, BigInt(leafIndex), BigInt(size), path.map(fromHex), fromHex(root))).toBe(true);
    }
  });

  test('the log of windows has its root at every size', () => {
    const leaves = windowLog.records.map(({ window, treeSize, root }) =>
      leafHash(windowRecord(window, treeSize, fromHex(root))),
    );
    const roots = windowLog.roots.filter(({ size }) => size > 0);
    expect(roots).toHaveLength(40);
    for (const { size, root } of roots) expect(toHex(treeRoot(size, readerOf(leaves)))).toBe(root);
  });
});

describe('inclusion', () => {
  const position = fc
    .integer({ min: 1, max: 200 })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));

  test('every leaf of every tree verifies, with a path of the length that the RFC gives', () => {
    fc.assert(
      fc.property(position, ({ size, index }) => {
        const leaves = leavesOf(size);
        const path = inclusionPath(index, size, readerOf(leaves));
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        const root = slowRoot(leaves);
        expect(verifyInclusion(leaves[index]!, BigInt(index), BigInt(size), path, root)).toBe(true);
      }),
    );
  });

  test('every change of one bit fails, of the leaf, the path, the root, the index and the size', () => {
    fc.assert(
      fc.property(position, fc.nat(255), fc.nat(), fc.nat(62), ({ size, index }, bit, which, numberBit) => {
        const leaves = leavesOf(size);
        const leaf = leaves[index]!;
        const path = inclusionPath(index, size, readerOf(leaves));
        const root = slowRoot(leaves);
        const [i, n] = [BigInt(index), BigInt(size)];
        expect(verifyInclusion(turned(leaf, bit), i, n, path, root)).toBe(false);
        expect(verifyInclusion(leaf, i, n, path, turned(root, bit))).toBe(false);
        expect(verifyInclusion(leaf, i ^ (1n << BigInt(numberBit)), n, path, root)).toBe(false);
        if (path.length > 0) {
          const changed = path.with(which % path.length, turned(path[which % path.length]!, bit));
          expect(verifyInclusion(leaf, i, n, changed, root)).toBe(false);
        }
      }),
    );
  });

  test('a path that is one too short or one too long fails', () => {
    for (let size = 1; size <= 40; size++) {
      const leaves = leavesOf(size);
      const root = slowRoot(leaves);
      for (let index = 0; index < size; index++) {
        const path = inclusionPath(index, size, readerOf(leaves));
        const verify = (other: Uint8Array[]) =>
          verifyInclusion(leaves[index]!, BigInt(index), BigInt(size), other, root);
        if (size > 1) expect(verify(path.slice(1))).toBe(false);
        if (size > 1) expect(verify(path.slice(0, -1))).toBe(false);
        expect(verify([...path, root])).toBe(false);
        expect(verify([root, ...path])).toBe(false);
      }
    }
  });

  test('a path that is too long for the tree fails also where the root was made to fit it', () => {
    const [leaf, other] = leavesOf(2) as [Uint8Array, Uint8Array];
    expect(verifyInclusion(leaf, 0n, 1n, [other], nodeHash(other, leaf))).toBe(false);
    expect(verifyInclusion(leaf, 0n, 1n, [other], nodeHash(leaf, other))).toBe(false);
    expect(verifyInclusion(leaf, 0n, 2n, [other, other], nodeHash(other, nodeHash(leaf, other)))).toBe(false);
  });

  test('hashes of another length than 32 bytes fail', () => {
    const [left, right] = leavesOf(2) as [Uint8Array, Uint8Array];
    const root = nodeHash(left, right);
    expect(verifyInclusion(left, 0n, 2n, [right], root)).toBe(true);
    expect(verifyInclusion(left.subarray(0, 31), 0n, 2n, [right], root)).toBe(false);
    expect(verifyInclusion(left, 0n, 2n, [right.subarray(0, 31)], root)).toBe(false);
    // The node's input cut elsewhere: the same 64 bytes, passed off as another leaf.
    const both = Uint8Array.of(...left, ...right);
    expect(verifyInclusion(both.subarray(0, 20), 0n, 2n, [both.subarray(20)], root)).toBe(false);
  });

  test('a leaf outside the tree, or a tree without leaves, holds nothing', () => {
    const leaf = leafHash(new Uint8Array(0));
    expect(verifyInclusion(leaf, 0n, 0n, [], leaf)).toBe(false);
    expect(verifyInclusion(leaf, -1n, 1n, [], leaf)).toBe(false);
    expect(verifyInclusion(leaf, 1n, 1n, [], leaf)).toBe(false);
    expect(() => inclusionPath(3, 3, readerOf(leavesOf(3)))).toThrow('a tree of 3 leaves has no leaf 3');
    expect(() => inclusionPath(-1, 3, readerOf(leavesOf(3)))).toThrow(RangeError);
    expect(() => inclusionPath(0.5, 3, readerOf(leavesOf(3)))).toThrow(RangeError);
    expect(() => treeRoot(0, readerOf([]))).toThrow('a tree of 0 leaves has no root');
  });
});

test('the size of a tree is bound by the window record, not by the path alone', () => {
  // A property of RFC 9162: leaf 0 of 3 and of 4 leaves can have paths of one length. So the record holds the tree size.
  const leaves = leavesOf(3);
  const path = inclusionPath(0, 3, readerOf(leaves));
  expect(verifyInclusion(leaves[0]!, 0n, 4n, path, slowRoot(leaves))).toBe(true);
  const root = slowRoot(leaves);
  expect(equalBytes(windowRecord(0, 3, root), windowRecord(0, 4, root))).toBe(false);
});

describe('consistency', () => {
  test('holds between all pairs of sizes up to 70, and for no other roots', () => {
    const leaves = leavesOf(70);
    const reader = readerOf(leaves);
    const roots = leaves.map((_, i) => treeRoot(i + 1, reader));
    for (let to = 1; to <= 70; to++) {
      for (let from = 1; from <= to; from++) {
        const path = consistencyPath(from, to, reader);
        const verify = (a: Uint8Array, b: Uint8Array, proof = path) =>
          verifyConsistency(BigInt(from), BigInt(to), a, b, proof);
        expect(verify(roots[from - 1]!, roots[to - 1]!)).toBe(true);
        expect(verify(turned(roots[from - 1]!, 9), roots[to - 1]!)).toBe(false);
        expect(verify(roots[from - 1]!, turned(roots[to - 1]!, 200))).toBe(false);
        expect(verify(roots[from - 1]!, roots[to - 1]!, [...path, roots[0]!])).toBe(false);
        if (path.length > 0) expect(verify(roots[from - 1]!, roots[to - 1]!, path.slice(0, -1))).toBe(false);
      }
    }
  });

  test('every change of one bit in the path fails', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(),
        fc.nat(255),
        (a, b, which, bit) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          fc.pre(from < to);
          const leaves = leavesOf(to);
          const path = consistencyPath(from, to, readerOf(leaves));
          const changed = path.with(which % path.length, turned(path[which % path.length]!, bit));
          const roots = [slowRoot(leaves.slice(0, from)), slowRoot(leaves)] as const;
          expect(verifyConsistency(BigInt(from), BigInt(to), ...roots, changed)).toBe(false);
        },
      ),
    );
  });

  test('is refused for sizes that make no range', () => {
    const reader = readerOf(leavesOf(5));
    for (const [from, to] of [
      [0, 5],
      [5, 3],
      [-1, 5],
      [1.5, 5],
      [NaN, 5],
      [1, Infinity],
    ] as const) {
      expect(() => consistencyPath(from, to, reader)).toThrow(RangeError);
    }
    const root = leafHash(new Uint8Array(0));
    expect(verifyConsistency(0n, 1n, root, root, [])).toBe(false);
    expect(verifyConsistency(2n, 1n, root, root, [])).toBe(false);
    expect(verifyConsistency(1n, 2n, root, root, [root.subarray(1)])).toBe(false);
  });
});

test('a tree of more leaves than fit in memory is read by its complete nodes alone', () => {
  const asked: string[] = [];
  const reader: NodeReader = (level, index) => {
    asked.push(`${level}/${index}`);
    return leafHash(Uint8Array.of(level));
  };
  treeRoot(2 ** 48 + 1, reader);
  expect(asked).toEqual(['48/0', `0/${2 ** 48}`]);
});
