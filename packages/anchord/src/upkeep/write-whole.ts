import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkTarget, syncFolder } from './backup.js';

/**
 * Writes a file that is whole, on disk and readable by its owner alone when it appears under its name. Throws `invalid_request` for a target
 * that cannot be; nothing is left of it where writing fails.
 */
export async function writeWhole(
  text: Iterable<string>,
  options: { storeFile: string; target: string; force: boolean },
): Promise<void> {
  const target = checkTarget(options);
  const part = `${target}.${process.pid}.part`; // two that write at once do not meet
  const file = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
  try {
    await pipeline(Readable.from(text), file);
    checkTarget(options);
    renameSync(part, target);
    syncFolder(dirname(target));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
