import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../test-support/temporary.js';
import { tokensIn } from '../test-support/tokens.js';
import { Tokens } from './tokens.js';

const FIRST = 'a'.repeat(64);
const SECOND = 'b'.repeat(64);

let temporary: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  temporary = temporaryFolder();
  file = join(temporary.folder, 'token');
});
afterEach(() => {
  temporary.remove();
});

const linesOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n');
const accepts = (tokens: Tokens, token: string) => tokens.isAllowed(`Bearer ${token}`);

describe('tokens', () => {
  test('are changed in two steps: first both are accepted, then the new one alone, and the file says the same', () => {
    const tokens = tokensIn(temporary.folder, 'token', FIRST);
    tokens.begin();
    const [made] = linesOf(file);
    expect(linesOf(file)).toEqual([made, FIRST]);
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect([accepts(tokens, made!), accepts(tokens, FIRST), accepts(new Tokens(file), FIRST)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    tokens.finish();
    expect(linesOf(file)).toEqual([made]);
    expect([accepts(tokens, made!), accepts(tokens, FIRST), accepts(new Tokens(file), FIRST)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('are not changed again before the change is finished, and what was not begun is not finished', () => {
    const tokens = tokensIn(temporary.folder, 'token', FIRST);
    expect(() => tokens.finish()).toThrow(/holds one token alone/);
    tokens.begin();
    const lines = linesOf(file);
    expect(() => tokens.begin()).toThrow(/--finish/);
    expect(linesOf(file)).toEqual(lines);
  });

  test('are those of the file once it is read again; one that cannot be used leaves them as they were', () => {
    const tokens = tokensIn(temporary.folder, 'token', FIRST);
    writeFileSync(file, `${SECOND}\n${FIRST}\n`);
    expect(accepts(tokens, SECOND)).toBe(false);
    tokens.reload();
    expect([accepts(tokens, SECOND), accepts(tokens, FIRST)]).toEqual([true, true]);
    writeFileSync(file, 'short\n');
    expect(() => tokens.reload()).toThrow(/at least 32/);
    expect([accepts(tokens, SECOND), accepts(tokens, FIRST)]).toEqual([true, true]);
  });

  test('stay as they are where the file cannot be replaced, and the message says what to do', () => {
    const tokens = tokensIn(temporary.folder, 'token', FIRST);
    mkdirSync(`${file}.new`); // stands in the way, whoever runs the test
    expect(() => tokens.begin()).toThrow(/cannot be written \(EISDIR\).*reload-tokens/);
    expect(linesOf(file)).toEqual([FIRST]);
    expect(accepts(tokens, FIRST)).toBe(true);
  });

  test.each([0o640, 0o604, 0o620])('of a file of mode %o are refused', (mode) => {
    tokensIn(temporary.folder, 'token', FIRST);
    chmodSync(file, mode);
    expect(() => new Tokens(file)).toThrow(/can be read or written by others than its owner/);
  });

  test.each([undefined, '', 'Bearer', `Bearer ${FIRST} `, FIRST, `bearer ${FIRST}`])('do not let %j pass', (header) => {
    expect(tokensIn(temporary.folder, 'token', FIRST).isAllowed(header)).toBe(false);
  });
});
