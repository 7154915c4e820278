import { createHash, hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import type { HashInto } from '@chronos/shared';
import { CliError, fileFault } from './cli-error.js';

// Two buffers of a megabyte for each file, whatever its size: while one is hashed the disk fills the other.
const CHUNK_BYTES = 1 << 20;

export interface HashOptions {
  signal: AbortSignal;
  /** Told of each piece that was hashed. */
  onBytes?: (count: number) => void;
}

/** Node's own SHA-256 for the trees of shared. */
export const nativeHashInto: HashInto = (input, out, at) => {
  out.set(hash('sha256', input, 'buffer'), at);
};

/** SHA-256 of a file, 32 bytes. A file that changes while it is read has no digest worth stamping and is refused. */
export async function hashFile(path: string, options: HashOptions): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const before = await file.stat();
    const digest = await hashHandle(file, options);
    const after = await file.stat();
    if (before.isFile() && (before.size !== after.size || before.mtimeMs !== after.mtimeMs)) {
      throw new CliError('file_unusable', `${path}: changed while it was read`, 'Try again when it is at rest.');
    }
    return digest;
  } catch (error) {
    throw fileFault(error, path);
  } finally {
    await file?.close();
  }
}

async function hashHandle(file: FileHandle, { signal, onBytes }: HashOptions): Promise<Uint8Array> {
  const hasher = createHash('sha256');
  let filled = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let free = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let reading = file.read(filled, 0, CHUNK_BYTES, null);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return hasher.digest();
    if (signal.aborted) throw new CliError('interrupted', 'interrupted');
    reading = file.read(free, 0, CHUNK_BYTES, null);
    hasher.update(filled.subarray(0, bytesRead));
    onBytes?.(bytesRead);
    [filled, free] = [free, filled];
  }
}

/** SHA-256 of a stream to its end, 32 bytes. */
export async function hashStream(stream: Readable, { signal, onBytes }: HashOptions): Promise<Uint8Array> {
  const hasher = createHash('sha256');
  addAbortSignal(signal, stream); // a stream may stand still for ever
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      hasher.update(chunk);
      onBytes?.(chunk.length);
    }
  } catch (error) {
    if (signal.aborted) throw new CliError('interrupted', 'interrupted');
    throw fileFault(error, 'standard input');
  }
  return hasher.digest();
}
