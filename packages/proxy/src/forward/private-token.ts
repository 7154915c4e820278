import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parseTokens, TOKENS_WANTED } from '@chronos/shared';
import type { Logger } from '../logger.js';

/** The token to send that a file holds, which only its owner may read. Throws an error whose message is the end of a sentence about the file. */
export function readPrivateToken(path: string): string {
  const file = openToRead(path);
  try {
    if (process.platform !== 'win32' && (fstatSync(file).mode & 0o077) !== 0) {
      const docker = `of a Docker secret, set "mode: 0400" and the program's "uid"`;
      throw new Error(`can be read or written by others than its owner: run "chmod 600 ${path}"; ${docker}`);
    }
    const tokens = parseTokens(readFileSync(file, 'utf8'));
    if (tokens === undefined) throw new Error(TOKENS_WANTED);
    return tokens[0];
  } finally {
    closeSync(file);
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new Error(`cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The token shared with anchord. It may be changed while this runs: once anchord refuses it, the file is read again. */
export class PrivateToken {
  current: string;

  constructor(
    private readonly file: string,
    private readonly logger: Logger,
  ) {
    this.current = readPrivateToken(file);
  }

  /** After a call with `refused` was refused: whether there is another one now. */
  isChanged(refused: string): boolean {
    if (this.current !== refused) return true;
    try {
      this.current = readPrivateToken(this.file);
    } catch (error) {
      this.logger.error(
        { why: `CHRONOS_PRIVATE_TOKEN_FILE ${(error as Error).message}` },
        'the token was not read again',
      );
      return false;
    }
    if (this.current !== refused) this.logger.info('the token shared with anchord has changed');
    return this.current !== refused;
  }
}
