import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { DigestFilter } from './digest-filter.js';
import type { FromIndexer, IndexedWindow, IndexerCall, ToIndexer, WindowSpan } from './indexer-protocol.js';
import { IndexDamaged } from '../store/index-store.js';

/** The indexer, as the main thread sees it. Calls reject when the thread fails; what they do can be done again at any time. */
export interface Indexer {
  /** Tells that the window has more digests in the store. Cheap; not answered. */
  advance(span: WindowSpan): void;
  dcrtimeRoot(span: WindowSpan, count: number): Promise<Uint8Array>;
  /** Where the root is not the one expected, what is stored of the tree stays as it is. */
  finish(span: WindowSpan, treeSize: number, expectedRoot?: Uint8Array): Promise<Uint8Array>;
  index(span: WindowSpan, window: IndexedWindow): Promise<void>;
  /** Over all that the index holds; undefined in the first seconds of a large store. */
  readonly filter: DigestFilter | undefined;
  close(): Promise<void>;
}

export interface IndexerOptions {
  storeFile: string;
  /** Of the keyed hash, 8 bytes. */
  secret: Uint8Array;
  /** Called when the thread has copied the write-ahead log into the store, but for the pages that came meanwhile. */
  onCheckpoint: (checkpoint: { pages: number; left: number }) => void;
  /** Called when it could not, with SQLite's `code`; it is tried again. */
  onCheckpointFault: (fault: { message: string; code: string }) => void;
  onIndexDamaged: (damage: IndexDamaged) => void;
  /** Called when the thread ends by a fault: nothing can be closed any more. */
  onFailure: (error: Error) => void;
}

interface Waiting {
  resolve: (root: Uint8Array | undefined) => void;
  reject: (error: Error) => void;
}

/** Starts the thread; resolves when it has its files open. */
export async function startIndexer(options: IndexerOptions): Promise<Indexer> {
  const worker = new Worker(new URL('./indexer-thread.js', import.meta.url), {
    workerData: { storeFile: options.storeFile, secret: options.secret },
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let filter: DigestFilter | undefined;
  let advancing = false;
  let stopping = false;

  const send = (message: ToIndexer) => {
    worker.postMessage(message);
  };
  const call = (request: IndexerCall) =>
    new Promise<Uint8Array | undefined>((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      send({ id, call: request });
    });
  const wantRoot = async (request: IndexerCall): Promise<Uint8Array> => {
    const root = await call(request);
    if (root === undefined) throw new Error(`the indexer gave no root for ${request.op}`);
    return root;
  };
  const fail = (cause: unknown) => {
    // What crosses from another thread may have lost its message.
    const error = new Error(`the indexer's thread failed: ${(cause as Partial<Error>).message ?? inspect(cause)}`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    if (!stopping) options.onFailure(error);
  };

  const ready = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.on('message', (message: FromIndexer) => {
      if ('ready' in message) resolve();
      else if ('filter' in message) filter = new DigestFilter(message.filter);
      else if ('checkpoint' in message) options.onCheckpoint(message.checkpoint);
      else if ('indexDamaged' in message) options.onIndexDamaged(new IndexDamaged(message.indexDamaged));
      else if ('checkpointFault' in message) options.onCheckpointFault(message.checkpointFault);
      else {
        const caller = waiting.get(message.id);
        waiting.delete(message.id);
        if ('error' in message) caller?.reject(Object.assign(new Error(message.error), { code: message.code }));
        else caller?.resolve(message.root);
      }
    });
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      fail(new Error(`it ended with code ${code}`));
      resolve();
    });
  });
  await ready;
  worker.on('error', fail);

  return {
    advance(span) {
      // One at a time: the thread takes all rows that are there, however often it is told.
      if (advancing) return;
      advancing = true;
      const done = () => {
        advancing = false;
      };
      call({ op: 'advance', ...span }).then(done, done);
    },
    dcrtimeRoot: (span, count) => wantRoot({ op: 'dcrtimeRoot', ...span, count }),
    finish: (span, treeSize, expectedRoot) =>
      wantRoot({ op: 'finish', ...span, treeSize, ...(expectedRoot === undefined ? {} : { expectedRoot }) }),
    index: async (span, { treeSize, logRoot }) => {
      await call({ op: 'index', ...span, treeSize, logRoot });
    },
    get filter() {
      return filter;
    },
    async close() {
      stopping = true;
      send({ stop: true });
      await exited;
    },
  };
}
