import { describe, expect, test } from '@jest/globals';
import { parseTokens } from './token-file.js';

const NEW = 'n'.repeat(32);
const OLD = 'o'.repeat(64);

describe('a token file', () => {
  test.each([
    ['one token', NEW, [NEW]],
    ['one token and the end of its line', `${NEW}\n`, [NEW]],
    ['one token, as Windows ends lines', `${NEW}\r\n`, [NEW]],
    ['a new token and the one before it', `${NEW}\n${OLD}\n`, [NEW, OLD]],
    ['both with an empty line between', `${NEW}\r\n\r\n${OLD}`, [NEW, OLD]],
  ])('may hold %s', (_, text, tokens) => {
    expect(parseTokens(text)).toEqual(tokens);
  });

  test.each([
    ['nothing', '\n'],
    ['31 characters', 'n'.repeat(31)],
    ['an older one that is too short', `${NEW}\nshort`],
    ['three', `${NEW}\n${OLD}\n${NEW}`],
    ['a space', `${NEW} ${OLD}`],
    ['letters that a header cannot carry', 'ü'.repeat(32)],
  ])('may not hold %s', (_, text) => {
    expect(parseTokens(text)).toBeUndefined();
  });
});
