import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { concatBytes, equalBytes, fromHex, isHex, toHex, u64be } from './bytes.js';

const bytes = fc.uint8Array({ maxLength: 70 });

describe('hex', () => {
  test('reads back what it wrote', () => {
    fc.assert(fc.property(bytes, (value) => expect(fromHex(toHex(value))).toEqual(value)));
  });

  test('agrees with Node', () => {
    fc.assert(fc.property(bytes, (value) => expect(toHex(value)).toBe(Buffer.from(value).toString('hex'))));
  });

  test.each(['a', 'abc', 'AB', '0x', 'ab ', ' ab', 'ab\n', 'g0', '٠٠'])('%j is not bytes', (text) => {
    expect(() => fromHex(text)).toThrow(RangeError);
  });

  test('isHex wants the exact length', () => {
    expect(isHex('ab', 1)).toBe(true);
    expect(isHex('', 0)).toBe(true);
    expect(isHex('abab', 1)).toBe(false);
    expect(isHex('ab\n', 1)).toBe(false);
    expect(isHex('AB', 1)).toBe(false);
  });
});

describe('u64be', () => {
  test('is what Node writes, over the whole range', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const expected = Buffer.alloc(8);
        expected.writeBigUInt64BE(value);
        expect(toHex(u64be(value))).toBe(expected.toString('hex'));
      }),
    );
  });

  test('takes numbers too', () => expect(toHex(u64be(1795171200))).toBe('000000006b002380'));

  test.each([-1, -1n, 2n ** 64n, 0.5, NaN, Infinity])('refuses %p', (value) => {
    expect(() => u64be(value)).toThrow(RangeError);
  });
});

test('concatBytes joins its parts in a new array', () => {
  const part = Uint8Array.of(1, 2);
  const joined = concatBytes(part, new Uint8Array(0), Uint8Array.of(3));
  part[0] = 9;
  expect(joined).toEqual(Uint8Array.of(1, 2, 3));
});

test('equalBytes is true of the same bytes only', () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)));
  expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
});
