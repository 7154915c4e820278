import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toHex } from '@chronos/shared';
import { hashFile, hashStream } from './hash-file.js';

const MEGABYTE = 1 << 20;
const signal = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chronos-hash-'));
});
afterAll(() => rm(folder, { recursive: true }));

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('hashing', () => {
  test.each([0, 1, MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 3 * MEGABYTE, 5 * MEGABYTE + 17])(
    'a file and a stream of %d bytes have the digest that Node computes',
    async (size) => {
      const bytes = randomBytes(size);
      const path = join(folder, String(size));
      await writeFile(path, bytes);
      let counted = 0;
      const onBytes = (count: number) => (counted += count);
      expect(toHex(await hashFile(path, { signal, onBytes }))).toBe(sha256(bytes));
      expect(counted).toBe(size);
      expect(toHex(await hashStream(Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]), { signal }))).toBe(
        sha256(bytes),
      );
    },
  );

  test('a file that grows while it is read is refused', async () => {
    const path = join(folder, 'growing');
    await writeFile(path, randomBytes(3 * MEGABYTE));
    const hashing = hashFile(path, { signal, onBytes: () => appendFileSync(path, 'x') });
    await expect(hashing).rejects.toMatchObject({ code: 'file_unusable' });
  });

  test('a missing file and a folder are told apart', async () => {
    await expect(hashFile(join(folder, 'none'), { signal })).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(hashFile(folder, { signal })).rejects.toMatchObject({ code: 'file_unusable' });
  });

  test('Ctrl-C ends it, in the middle of a file and while nothing comes down a pipe', async () => {
    const path = join(folder, 'interrupted');
    await writeFile(path, randomBytes(3 * MEGABYTE));
    const onFile = new AbortController();
    const hashing = hashFile(path, { signal: onFile.signal, onBytes: () => onFile.abort() });
    await expect(hashing).rejects.toMatchObject({ code: 'interrupted' });
    const onPipe = new AbortController();
    const waiting = hashStream(new Readable({ read: () => undefined }), { signal: onPipe.signal });
    onPipe.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  });
});
