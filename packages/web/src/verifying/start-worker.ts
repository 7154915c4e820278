import type { HashWorker } from '../stamping/hasher.js';

/** The hashing worker, from its own file. The single-file build has another one of these. */
export function startWorker(): HashWorker {
  return new Worker(new URL('../stamping/hash-worker.ts', import.meta.url), { type: 'module' });
}
