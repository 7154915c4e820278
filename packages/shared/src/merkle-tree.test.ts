import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from './bytes.js';
import { windowTrees } from './fixtures/vectors.js';
import { entryHash } from './hash-rules.js';
import { consistencyPath, leafHash, nodeHash, treeRoot, verifyConsistency, verifyInclusion } from './merkle.js';
import { MerkleTree } from './merkle-tree.js';
import type { HashInto } from './sha256.js';

const nodeHashInto: HashInto = (input, out, at) => out.set(createHash('sha256').update(input).digest(), at);

const entryOf = (i: number) => entryHash(Uint8Array.of(i, i >> 8), new Uint8Array(0));

/** By the letter of RFC 9162 section 2.1.1. */
function slowRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)));
}

function treeOf(size: number, lowestLevel = 0): MerkleTree {
  const tree = new MerkleTree(nodeHashInto, lowestLevel);
  for (let i = 0; i < size; i++) tree.appendRaw(entryOf(i));
  return tree;
}

describe('MerkleTree', () => {
  test.each([0, 1, 4])('has the right root at every size to 300, keeping levels from %i', (lowestLevel) => {
    const tree = new MerkleTree(nodeHashInto, lowestLevel);
    const leaves: Uint8Array[] = [];
    for (let size = 1; size <= 300; size++) {
      tree.appendRaw(entryOf(size));
      leaves.push(leafHash(entryOf(size), nodeHashInto));
      expect(tree.size).toBe(size);
      expect(toHex(tree.root())).toBe(toHex(slowRoot(leaves)));
    }
  });

  test.each(windowTrees)(
    'makes the tree of the vectors with $size digests, and its paths',
    ({ digests, salts, root, proofs }) => {
      const tree = new MerkleTree();
      digests.forEach((digest, i) => tree.append(concatBytes(fromHex(digest), fromHex(salts[i]!))));
      expect(toHex(tree.root())).toBe(root);
      for (const { leafIndex, path } of proofs) expect(tree.path(leafIndex).map(toHex)).toEqual(path);
    },
  );

  test('proves every leaf of random trees', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 48, maxLength: 48 }), { minLength: 1, maxLength: 80 }),
        (inputs) => {
          const tree = new MerkleTree(nodeHashInto);
          for (const input of inputs) tree.append(input);
          const root = tree.root();
          inputs.forEach((input, i) => {
            const leaf = leafHash(entryHash(input.subarray(0, 32), input.subarray(32)));
            expect(verifyInclusion(leaf, BigInt(i), BigInt(inputs.length), tree.path(i), root)).toBe(true);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  test('gives earlier roots and consistency proofs through its nodes', () => {
    const tree = treeOf(100);
    const node = (level: number, index: number) => tree.node(level, index);
    for (const from of [1, 2, 31, 64, 65, 99, 100]) {
      const path = consistencyPath(from, 100, node);
      expect(verifyConsistency(BigInt(from), 100n, treeRoot(from, node), tree.root(), path)).toBe(true);
      expect(toHex(treeRoot(from, node))).toBe(toHex(treeOf(from).root()));
    }
  });

  test('keeps what it gave: a root, a path and a kept node do not change as it grows', () => {
    const tree = treeOf(33);
    const root = tree.root();
    const path = tree.path(32);
    const level = tree.level(5);
    const before = [root, ...path, level].map(toHex);
    for (let i = 33; i < 400; i++) tree.appendRaw(entryOf(i));
    expect([root, ...path, level].map(toHex)).toEqual(before);
  });

  test('hands out its kept levels whole', () => {
    const tree = treeOf(37, 2);
    const all = treeOf(37);
    expect(tree.level(0)).toHaveLength(0);
    for (const level of [2, 3, 4, 5]) {
      expect(tree.level(level)).toHaveLength(32 * Math.floor(37 / 2 ** level));
      expect(toHex(tree.level(level))).toBe(toHex(all.level(level)));
    }
    expect(tree.level(6)).toHaveLength(0);
  });

  test('knows below its lowest level only the last node of each, and says so of the others', () => {
    const tree = treeOf(7, 4);
    const all = treeOf(7);
    for (const [level, last] of [
      [0, 6],
      [1, 2],
      [2, 0],
    ] as const) {
      expect(toHex(tree.node(level, last))).toBe(toHex(all.node(level, last)));
      for (const index of [last - 1, last + 1]) {
        expect(() => tree.node(level, index)).toThrow(`node ${index} of level ${level} is not kept`);
      }
    }
    expect(() => tree.node(3, 0)).toThrow(RangeError);
    expect(() => tree.path(0)).toThrow(RangeError);
  });

  test('refuses nodes and leaves that it does not have', () => {
    const tree = treeOf(5);
    expect(() => tree.node(0, 5)).toThrow(RangeError);
    expect(() => tree.node(0, -1)).toThrow(RangeError);
    expect(() => tree.node(0, 0.5)).toThrow(RangeError);
    expect(() => tree.node(3, 0)).toThrow(RangeError);
    expect(() => tree.path(5)).toThrow('a tree of 5 leaves has no leaf 5');
  });

  test('has no root while it is empty', () => {
    expect(() => new MerkleTree().root()).toThrow('a tree of 0 leaves has no root');
  });
});
