import { ChronosError, equalBytes } from '@chronos/shared';
import type { IndexReader } from '../store/index-store.js';
import type { WindowRow, Windows } from '../store/windows.js';
import type { Indexer } from './indexer.js';

type ClosedRow = WindowRow & Required<Pick<WindowRow, 'closed'>>;

/** Makes again what is derived, for windows that were closed but not indexed. Throws `store_unusable` where their digests do not lead to their roots. */
export async function indexMissing(
  { windows, index, indexer }: { windows: Windows; index: IndexReader; indexer: Indexer },
  onWindow: (window: ClosedRow) => void,
): Promise<void> {
  for (const id of windows.listClosedIds()) {
    if (index.isIndexed(id)) continue;
    const { closed, ...row } = windows.find(id)!;
    if (closed === undefined) continue;
    onWindow({ ...row, closed });
    const span = { window: id, firstPlace: row.firstPlace };
    const root = await indexer.finish(span, closed.treeSize);
    if (!equalBytes(root, closed.root)) {
      throw new ChronosError(
        'store_unusable',
        `window ${id} does not lead to its own root: chronos.db is damaged. Keep a copy of its folder, and run "anchord fsck"`,
      );
    }
    await indexer.index(span, closed);
  }
}
