import {
  consistencyPath,
  inclusionPath,
  leafHash,
  nodeHash,
  type NodeReader,
  treeRoot,
  windowRecord,
} from '@chronos/shared';
import type { Db } from './store.js';
import { nativeHashInto } from './sha256.js';

/** The log of windows: an RFC 9162 tree over their records, of which the store keeps every complete node. */
export class WindowLog {
  private readonly insert;
  private readonly select;

  constructor(db: Db) {
    this.insert = db.prepare('INSERT INTO log_nodes (level, idx, hash) VALUES (?, ?, ?)');
    this.select = db
      .prepare<[number, number], Buffer>('SELECT hash FROM log_nodes WHERE level = ? AND idx = ?')
      .pluck();
  }

  /** Appends a window's record at `index`, the log's present size; gives the root with it. To be called within a transaction. */
  append(index: number, windowId: number, treeSize: number, root: Uint8Array): Uint8Array {
    let hash: Uint8Array = leafHash(windowRecord(windowId, treeSize, root), nativeHashInto);
    for (let level = 0, at = index; ; level++, at = (at - 1) / 2) {
      this.insert.run(level, at, hash);
      if (at % 2 === 0) break;
      hash = nodeHash(this.node(level, at - 1), hash, nativeHashInto);
    }
    return treeRoot(index + 1, this.node, nativeHashInto);
  }

  /** The inclusion proof of record `index` in the log of the first `size`. */
  path(index: number, size: number): Uint8Array[] {
    return inclusionPath(index, size, this.node, nativeHashInto);
  }

  /** The proof that the log of the first `from` windows is a prefix of that of the first `to`. */
  consistency(from: number, to: number): Uint8Array[] {
    return consistencyPath(from, to, this.node, nativeHashInto);
  }

  private readonly node: NodeReader = (level, index) => {
    const hash = this.select.get(level, index);
    if (hash === undefined) throw new RangeError(`the log has no node ${index} of level ${level}`);
    return hash;
  };
}
