import { equalBytes } from '@chronos/shared';
import type { Logger } from '../logger.js';
import type { StoreWatch } from '../store/store-watch.js';
import type { WindowRow } from '../store/windows.js';
import type { Indexer } from './indexer.js';

export interface TreeRepairOptions {
  indexer: Pick<Indexer, 'finish'>;
  storeWatch: Pick<StoreWatch, 'contradicts' | 'failed'>;
  logger: Logger;
}

/** Windows whose stored tree does not lead to their root: a disk has altered what was written. */
export class TreeRepair {
  /** Being looked at, or found to be beyond repair: each is looked at once. */
  private readonly looked = new Set<number>();

  constructor(private readonly options: TreeRepairOptions) {}

  /** Makes the window's nodes again from its digests. Where those do not lead to the root either, the store itself is damaged. */
  async repair({ id, firstPlace, closed }: WindowRow): Promise<void> {
    const { indexer, storeWatch, logger } = this.options;
    if (closed === undefined || this.looked.has(id)) return;
    this.looked.add(id);
    try {
      const root = await indexer.finish({ window: id, firstPlace }, closed.treeSize, closed.root);
      if (equalBytes(root, closed.root)) {
        logger.warn({ window: id }, 'stored nodes of a tree were damaged; they were made again from the digests');
        this.looked.delete(id);
      } else storeWatch.contradicts(`the digests of window ${id} do not lead to its root`);
    } catch (error) {
      if (storeWatch.failed(error) === undefined) logger.error({ err: error, window: id }, 'a tree was not made again');
      this.looked.delete(id);
    }
  }
}
