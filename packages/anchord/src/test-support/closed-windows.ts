import { createHash } from 'node:crypto';
import type { Store } from '../store/store.js';
import { Windows } from '../store/windows.js';

const FIRST_ID = 1_795_171_200;

/** Closes `count` windows more, which these chains have to anchor; returns their ids. Their roots are derived from the ids and `seed`. */
export function closeWindows(store: Store, count: number, chains: readonly string[], seed = ''): number[] {
  const windows = new Windows(store.db);
  return store.transaction(() => {
    const logSize = windows.logSize();
    return Array.from({ length: count }, (_, offset) => {
      const logIndex = logSize + offset;
      const id = FIRST_ID + 30 * logIndex;
      windows.insert(id, 30, logIndex);
      const closed = {
        atMs: (id + 30) * 1000,
        treeSize: 1,
        root: rootOf(id, seed),
        logIndex,
        logRoot: sha256(`log ${id}`),
      };
      windows.close(id, closed, chains);
      return id;
    });
  });
}

/** The root of the window with this id. */
export function rootOf(id: number, seed = ''): Buffer {
  return sha256(`root ${seed} ${id}`);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
