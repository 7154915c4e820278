import { inclusionPath, MerkleTree, type NodeReader } from '@chronos/shared';
import { ADMITTED_BYTES } from '../store/admissions.js';
import { nativeHashInto } from '../store/sha256.js';

// A window's tree is kept in tiles, so that a proof needs a handful of reads and no recomputing of the window: a tile of level 1 holds the
// nodes of the tree's levels 4 to 7 over 256 leaves, one of level 2 levels 8 to 11 over 4096 leaves, and so on. Levels 0 to 3 are not kept:
// 16 digests give them back in 60 hashes, for a sixteenth of the room. Within a tile: 16 nodes of its lowest level, then 8, 4 and 2.

const TILE_LEVELS = 4;
const TILE_WIDTH = 16;
const TILE_NODES = 30;
/** Where the nodes of a tile's levels begin. */
const LEVEL_STARTS = [0, 16, 24, 28] as const;
/** The lowest level of the tree that tiles hold. */
export const LOWEST_KEPT_LEVEL = TILE_LEVELS;

/** The tiles of a whole tree that keeps its levels from `LOWEST_KEPT_LEVEL` up. Nodes that are not complete are left zero, and never read. */
export function* tilesOf(tree: MerkleTree): Generator<{ level: number; idx: number; hashes: Uint8Array }> {
  for (let tileLevel = 1; tree.level(tileLevel * TILE_LEVELS).length > 0; tileLevel++) {
    const lowest = tileLevel * TILE_LEVELS;
    const tiles = Math.ceil(tree.level(lowest).length / 32 / TILE_WIDTH);
    for (let idx = 0; idx < tiles; idx++) {
      const hashes = new Uint8Array(TILE_NODES * 32);
      LEVEL_STARTS.forEach((start, i) => {
        const width = TILE_WIDTH >> i;
        hashes.set(tree.level(lowest + i).subarray(idx * width * 32, (idx + 1) * width * 32), start * 32);
      });
      yield { level: tileLevel, idx, hashes };
    }
  }
}

/** Where a window's parts are read from. */
export interface TileSource {
  /** A stored tile. */
  tile(level: number, idx: number): Uint8Array | undefined;
  /** Admitted digests, `ADMITTED_BYTES` each, of the leaves from `from` to before `to`. */
  digests(from: number, to: number): Uint8Array;
}

/** The inclusion proof of a leaf, from stored tiles and at most 32 digests. */
export function pathFromTiles(leafIndex: number, treeSize: number, source: TileSource): Uint8Array[] {
  const groups = new Map<number, MerkleTree>();
  const tiles = new Map<string, Uint8Array>();

  const belowTiles = (level: number, index: number): Uint8Array => {
    const group = Math.floor((index * 2 ** level) / TILE_WIDTH);
    let tree = groups.get(group);
    if (tree === undefined) {
      tree = new MerkleTree(nativeHashInto);
      const digests = source.digests(group * TILE_WIDTH, Math.min((group + 1) * TILE_WIDTH, treeSize));
      for (let at = 0; at < digests.length; at += ADMITTED_BYTES)
        tree.append(digests.subarray(at, at + ADMITTED_BYTES));
      groups.set(group, tree);
    }
    return tree.node(level, index - (group * TILE_WIDTH) / 2 ** level);
  };

  const node: NodeReader = (level, index) => {
    if (level < LOWEST_KEPT_LEVEL) return belowTiles(level, index);
    const tileLevel = Math.floor(level / TILE_LEVELS);
    const within = level % TILE_LEVELS;
    const width = TILE_WIDTH >> within;
    const idx = Math.floor(index / width);
    const key = `${tileLevel}/${idx}`;
    const tile = tiles.get(key) ?? source.tile(tileLevel, idx);
    if (tile === undefined) throw new RangeError(`the window has no tile ${key}`);
    tiles.set(key, tile);
    const at = (LEVEL_STARTS[within]! + (index % width)) * 32;
    return tile.subarray(at, at + 32);
  };

  return inclusionPath(leafIndex, treeSize, node, nativeHashInto);
}
