import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ChronosError } from '@chronos/shared';
import { readTokenFile, writeTokenFile } from '../token-file.js';

/** Whether an `Authorization` header is one that is wanted. */
export type TokenCheck = (authorization: string | undefined) => boolean;

/**
 * The tokens of one listener. While they are changed there are two: the new one, which the file names first, and the one before it, so that
 * callers can go over to the new one in their own time.
 */
export class Tokens {
  private tokens: readonly string[];
  private expected: readonly Buffer[];

  /** Throws `invalid_settings` where the file cannot be used. */
  constructor(private readonly file: string) {
    this.tokens = readTokenFile(file);
    this.expected = this.tokens.map(expectation);
  }

  /** How many tokens are accepted: one, or two while they are changed. */
  get accepted(): number {
    return this.tokens.length;
  }

  /** Hashes are compared, with all that are accepted, in constant time: neither length nor content leaks. */
  readonly isAllowed: TokenCheck = (authorization) => {
    const given = sha256(authorization ?? '');
    return this.expected.reduce((allowed, expected) => timingSafeEqual(given, expected) || allowed, false);
  };

  /** Takes what the file holds now. Throws `invalid_settings` and goes on with what it had where the file cannot be used. */
  reload(): void {
    this.use(readTokenFile(this.file));
  }

  /** Writes a new token before the one that is used, and accepts both. */
  begin(): void {
    this.reload();
    const [current, older] = this.tokens;
    if (current === undefined || older !== undefined) throw unfinished(this.file);
    this.write([randomBytes(32).toString('hex'), current]);
  }

  /** Takes the older token out of the file, and accepts it no more. */
  finish(): void {
    this.reload();
    if (this.tokens.length < 2)
      throw new ChronosError('invalid_request', `${this.file} holds one token alone: nothing is to be finished`);
    this.write(this.tokens.slice(0, 1));
  }

  private write(tokens: readonly string[]): void {
    writeTokenFile(this.file, tokens);
    this.use(tokens);
  }

  private use(tokens: readonly string[]): void {
    this.tokens = tokens;
    this.expected = tokens.map(expectation);
  }
}

function unfinished(file: string): ChronosError {
  return new ChronosError('invalid_request', `${file} holds an older token still: finish that change first (--finish)`);
}

function expectation(token: string): Buffer {
  return sha256(`Bearer ${token}`);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
