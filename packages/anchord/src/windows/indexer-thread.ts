import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { Admissions } from '../store/admissions.js';
import { IndexDamaged, openIndexForWriting } from '../store/index-store.js';
import { DigestIndex } from './digest-index.js';
import type { FromIndexer, IndexerCall, ToIndexer } from './indexer-protocol.js';
import { KeyedHash } from './keyed-hash.js';
import { WindowTrees } from './window-trees.js';

// The indexer's thread: hashing, sorting and indexing, and the store's checkpoints, so that the thread that answers does none of them.
// It learns of digests by reading the store's rows, hence of nothing that is not durable.

const CHECKPOINT_EVERY_MS = 1_000;

const { storeFile, secret } = workerData as { storeFile: string; secret: Uint8Array };
if (parentPort === null) throw new Error('this file is the indexer’s thread; windows/indexer.ts starts it');
const port = parentPort;
const post = (message: FromIndexer) => port.postMessage(message);

const store = new Database(storeFile);
store.pragma('synchronous = FULL'); // its checkpoints must be on disk before the log is used again
store.pragma('wal_autocheckpoint = 0');
const index = openIndexForWriting(dirname(storeFile));
const admissions = new Admissions(store);
const trees = new WindowTrees(admissions, index);
const digestIndex = new DigestIndex(admissions, index, new KeyedHash(secret), (filter) => post({ filter }));

async function carryOut(call: IndexerCall): Promise<Uint8Array | undefined> {
  switch (call.op) {
    case 'advance':
      await trees.advance(call);
      return undefined;
    case 'dcrtimeRoot':
      return trees.dcrtimeRoot(call, call.count);
    case 'finish':
      return trees.finish(call, call.treeSize, call.expectedRoot);
    case 'index':
      await digestIndex.add(call, call);
      return undefined;
  }
}

function checkpoint(): void {
  try {
    const [result] = store.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[];
    if (result !== undefined && result.log > 0)
      post({ checkpoint: { pages: result.log, left: result.log - result.checkpointed } });
  } catch (error) {
    // A full disk above all: the log keeps what could not be copied.
    if (!(error instanceof Database.SqliteError)) throw error;
    post({ checkpointFault: { message: error.message, code: error.code } });
  }
}

function tellIndexDamage(error: unknown): void {
  if (error instanceof IndexDamaged) post({ indexDamaged: error.message });
}

const checkpoints = setInterval(checkpoint, CHECKPOINT_EVERY_MS);

port.on('message', (message: ToIndexer) => {
  if ('stop' in message) {
    clearInterval(checkpoints);
    index.close();
    store.close();
    port.close();
    return;
  }
  const { id } = message;
  carryOut(message.call).then(
    (root) => post(root === undefined ? { id } : { id, root }),
    (error: unknown) => {
      tellIndexDamage(error);
      post({
        ...{ id, error: error instanceof Error ? error.message : String(error) },
        ...(error instanceof Database.SqliteError ? { code: error.code } : {}),
      });
    },
  );
});

post({ ready: true });
try {
  await digestIndex.buildFilter();
} catch (error) {
  // Without the filter all is looked up, only slower.
  if (!(error instanceof IndexDamaged)) throw error;
  tellIndexDamage(error);
}
