import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { MerkleTree, toHex } from '@chronos/shared';
import { nativeHashInto } from '../store/sha256.js';
import { LOWEST_KEPT_LEVEL, pathFromTiles, type TileSource, tilesOf } from './tree-tiles.js';

/** A tree's tiles and digests, and how often each was read. */
function stored(digests: Buffer): TileSource & { reads: number } {
  const tree = new MerkleTree(nativeHashInto, LOWEST_KEPT_LEVEL);
  for (let at = 0; at < digests.length; at += 48) tree.append(digests.subarray(at, at + 48));
  const tiles = new Map([...tilesOf(tree)].map(({ level, idx, hashes }) => [`${level}/${idx}`, hashes]));
  return {
    reads: 0,
    tile(level, idx) {
      this.reads++;
      return tiles.get(`${level}/${idx}`);
    },
    digests(from, to) {
      this.reads++;
      return digests.subarray(from * 48, to * 48);
    },
  };
}

function digestsOf(count: number): Buffer {
  return Buffer.from(Array.from({ length: count * 48 }, (_, i) => (i * 31 + (i >> 8) * 17 + (i >> 16)) & 255));
}

describe('paths from tiles', () => {
  test('are those of the vectors', () => {
    const { trees } = JSON.parse(
      readFileSync(new URL('../../../../vectors/chronos/window-trees.json', import.meta.url), 'utf8'),
    ) as {
      trees: { size: number; digests: string[]; salts: string[]; proofs: { leafIndex: number; path: string[] }[] }[];
    };
    for (const { size, digests, salts, proofs } of trees) {
      const source = stored(Buffer.from(digests.map((digest, i) => digest + salts[i]!).join(''), 'hex'));
      for (const { leafIndex, path } of proofs) expect(pathFromTiles(leafIndex, size, source).map(toHex)).toEqual(path);
    }
  });

  test.each([1, 15, 16, 17, 255, 256, 257, 4095, 4097, 70_000])(
    'of a tree of %i leaves are those of the whole tree',
    (size) => {
      const digests = digestsOf(size);
      const whole = new MerkleTree(nativeHashInto);
      for (let at = 0; at < digests.length; at += 48) whole.append(digests.subarray(at, at + 48));
      const source = stored(digests);
      for (const leafIndex of new Set([0, Math.floor(size / 3), Math.floor(size / 2), size - 1])) {
        expect(pathFromTiles(leafIndex, size, source)).toEqual(whole.path(leafIndex));
      }
    },
  );

  test('cost a handful of reads in a large window', () => {
    const source = stored(digestsOf(70_000));
    pathFromTiles(12_345, 70_000, source);
    expect(source.reads).toBeLessThanOrEqual(9);
  });

  test('fail loudly where a tile is missing', () => {
    const source = { ...stored(digestsOf(300)), tile: () => undefined };
    expect(() => pathFromTiles(0, 300, source)).toThrow('no tile');
  });
});
