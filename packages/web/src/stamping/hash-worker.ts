import { createSHA256, type IHasher } from 'hash-wasm';
import type { FromWorker, ToWorker } from './hash-messages.js';

// Hashes one file at a time, piece by piece: two pieces in memory, whatever the file's size. While one is hashed, the next is read.

const PIECE_BYTES = 4 * 2 ** 20;

interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: { data: ToWorker }) => void) | null;
}
const scope = globalThis as unknown as WorkerScope;

let hasher: Promise<IHasher> | undefined;
/** The job that is no longer wanted. */
let cancelled = -1;

scope.onmessage = ({ data }) => {
  if ('cancel' in data) {
    cancelled = data.cancel;
    return;
  }
  hash(data.id, data.file).then(
    (digest) => {
      scope.postMessage({ id: data.id, ...(digest === undefined ? { cancelled: true } : { digest }) });
    },
    (error: unknown) => {
      scope.postMessage({ id: data.id, fault: error instanceof Error ? error.name : 'Error' });
    },
  );
};

async function hash(id: number, file: Blob): Promise<string | undefined> {
  const sha256 = (await (hasher ??= createSHA256())).init();
  const read = (from: number) => file.slice(from, from + PIECE_BYTES).arrayBuffer();
  let next = read(0);
  for (let from = 0; from < file.size; from += PIECE_BYTES) {
    const piece = new Uint8Array(await next);
    if (cancelled === id) return undefined;
    if (from + PIECE_BYTES < file.size) next = read(from + PIECE_BYTES);
    sha256.update(piece);
    scope.postMessage({ id, hashedBytes: from + piece.length });
  }
  await next; // of an empty file: it has to be readable, too
  return sha256.digest();
}
