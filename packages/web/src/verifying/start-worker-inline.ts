import InlineWorker from '../stamping/hash-worker.ts?worker&inline';
import type { HashWorker } from '../stamping/hasher.js';

/** The hashing worker, from within the page: of a file on a disk a browser lets no worker be loaded beside it. */
export function startWorker(): HashWorker {
  return new InlineWorker();
}
