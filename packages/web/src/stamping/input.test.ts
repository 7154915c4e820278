import { describe, expect, test } from '@jest/globals';
import { parseDigests } from './input.js';

const A = 'a1'.repeat(32);
const B = 'B2'.repeat(32);

describe('pasted digests', () => {
  test('are taken one a line, in either case, each once, with what sha256sum prints after them', () => {
    const text = `${A}\n\n  ${B}\r\n${A}  contract.pdf\n\\${B.toLowerCase()}  a\\nb\n`;
    expect(parseDigests(text)).toEqual({ digests: [A, B.toLowerCase()] });
  });

  test.each([
    ['a digit too few', A.slice(1), 1],
    ['a digit too many', `${A}0`, 1],
    ['a letter that is no digit', `${A}\n${A.slice(1)}g`, 2],
    ['0x before it', `${A}\n\n0x${A}`, 3],
  ])('are refused with the number of the line: %s', (_what, text, line) => {
    expect(parseDigests(text).faultyLine).toBe(line);
  });

  test('may be none', () => {
    expect(parseDigests(' \n\n')).toEqual({ digests: [] });
  });
});
