import { dcrtimeRootInPlace, equalBytes, HASH_BYTES, MerkleTree } from '@chronos/shared';
import { ADMITTED_BYTES, type Admissions } from '../store/admissions.js';
import { nativeHashInto } from '../store/sha256.js';
import { onIndex } from '../store/index-store.js';
import type { Db } from '../store/store.js';
import type { WindowSpan } from './indexer-protocol.js';
import { sortDigests } from './sort-digests.js';
import { LOWEST_KEPT_LEVEL, tilesOf } from './tree-tiles.js';

/** Rows taken at a time: some ten milliseconds of work, between which other calls get their turn. */
const RUNS_A_SLICE = 64;

/** Lets the thread's other calls have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The trees of the windows that are not closed yet. They grow from the store's rows, so a restart goes the same way as normal running. */
export class WindowTrees {
  private readonly trees = new Map<number, MerkleTree>();
  private readonly insertTile;

  constructor(
    private readonly admissions: Admissions,
    private readonly index: Db,
  ) {
    this.insertTile = index.prepare('INSERT OR REPLACE INTO tiles (window, level, idx, hashes) VALUES (?, ?, ?, ?)');
  }

  /** Takes all rows of the window that are in the store. */
  async advance({ window, firstPlace }: WindowSpan): Promise<MerkleTree> {
    let tree = this.trees.get(window);
    if (tree === undefined) {
      tree = new MerkleTree(nativeHashInto, LOWEST_KEPT_LEVEL);
      this.trees.set(window, tree);
    }
    for (;;) {
      const runs = this.admissions.runs(firstPlace + tree.size, RUNS_A_SLICE);
      for (const run of runs) {
        // Two calls for one window may take turns: only the row that comes next is taken.
        if (run.window !== window || run.place !== firstPlace + tree.size) return tree;
        for (let at = 0; at < run.digests.length; at += ADMITTED_BYTES) {
          tree.append(run.digests.subarray(at, at + ADMITTED_BYTES));
        }
      }
      if (runs.length < RUNS_A_SLICE) return tree;
      await nextTurn();
    }
  }

  /** The dcrtime-style root of the window's first `count` digests. */
  async dcrtimeRoot({ window, firstPlace }: WindowSpan, count: number): Promise<Uint8Array> {
    const digests = new Uint8Array(count * HASH_BYTES);
    for (let taken = 0; taken < count; await nextTurn()) {
      for (const run of this.admissions.runs(firstPlace + taken, RUNS_A_SLICE)) {
        for (let at = 0; at < run.digests.length && taken < count; at += ADMITTED_BYTES, taken++) {
          digests.set(run.digests.subarray(at, at + HASH_BYTES), taken * HASH_BYTES);
        }
        if (taken < count && run.window !== window) throw new Error(`window ${window} has fewer than ${count} digests`);
      }
    }
    sortDigests(digests);
    return Uint8Array.from(dcrtimeRootInPlace(digests, nativeHashInto));
  }

  /** The root of the window's tree, with its tiles stored; not stored where the root is not the one expected. */
  async finish(span: WindowSpan, treeSize: number, expectedRoot?: Uint8Array): Promise<Uint8Array> {
    const tree = await this.advance(span);
    if (tree.size !== treeSize)
      throw new Error(`window ${span.window} has ${tree.size} digests in the store, not ${treeSize}`);
    const root = tree.root();
    if (expectedRoot === undefined || equalBytes(root, expectedRoot)) {
      onIndex(
        this.index.transaction(() => {
          for (const { level, idx, hashes } of tilesOf(tree)) this.insertTile.run(span.window, level, idx, hashes);
        }),
      );
    }
    this.trees.delete(span.window);
    return root;
  }
}
