import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { ChronosError, parseTokens, TOKENS_WANTED } from '@chronos/shared';

/** The tokens of a file that only its owner may read; the first is the newest. Throws `invalid_settings`. */
export function readTokenFile(path: string): readonly string[] {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    if (process.platform !== 'win32' && (fstatSync(file).mode & 0o077) !== 0) {
      const docker = 'of a Docker secret, set "mode: 0400" and the program\'s "uid"';
      throw unusable(`${path} can be read or written by others than its owner: run "chmod 600 ${path}"; ${docker}`);
    }
    const tokens = parseTokens(readFileSync(file, 'utf8'));
    if (tokens === undefined) throw unusable(`${path} ${TOKENS_WANTED}`);
    return tokens;
  } catch (error) {
    if (error instanceof ChronosError) throw error;
    throw unusable(`${path} cannot be read (${codeOf(error)})`, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Puts these tokens in the place of those that the file holds, at once and on disk. Throws `invalid_request` where it cannot be written. */
export function writeTokenFile(path: string, tokens: readonly string[]): void {
  try {
    const target = realpathSync(path);
    const made = `${target}.new`;
    const file = openSync(made, 'w', 0o600);
    try {
      writeSync(file, tokens.map((token) => `${token}\n`).join(''));
      fsyncSync(file);
      renameSync(made, target);
    } catch (error) {
      rmSync(made, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const advice =
      'put the new token before the old one yourself, each in a line, and have it read again with "anchord admin reload-tokens"';
    throw new ChronosError('invalid_request', `${path} cannot be written (${codeOf(error)}): ${advice}`, {}, error);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'failed';
}

function unusable(message: string, cause?: unknown): ChronosError {
  return new ChronosError('invalid_settings', message, {}, cause);
}
