import { IndexReader, prepareIndex, removeIndex } from '../../store/index-store.js';
import type { Store } from '../../store/store.js';
import { Windows } from '../../store/windows.js';
import { indexMissing } from '../../windows/index-missing.js';
import { startIndexer } from '../../windows/indexer.js';

/** Makes the derived file anew, as a start of the daemon does. */
export async function rebuildIndex(folder: string, store: Store, secret: Uint8Array): Promise<void> {
  const windows = new Windows(store.db);
  removeIndex(folder);
  prepareIndex(folder, { secret, findLogRoot: (id) => windows.find(id)?.closed?.logRoot });
  const faults: Error[] = [];
  const indexer = await startIndexer({
    ...{ storeFile: store.file, secret },
    onCheckpoint: () => undefined,
    onCheckpointFault: ({ message }) => faults.push(new Error(message)),
    onIndexDamaged: (damage) => faults.push(damage),
    onFailure: (error) => faults.push(error),
  });
  const index = new IndexReader(folder);
  try {
    await indexMissing({ windows, index, indexer }, () => undefined);
    if (faults[0] !== undefined) throw faults[0];
  } finally {
    index.close();
    await indexer.close();
  }
}
