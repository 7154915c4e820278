import { expect, test } from '@jest/globals';
import { countdown, Formats, utc } from './format.js';

test('what is left is rounded up, so that 0:00 means over', () => {
  expect([61_000, 60_001, 7_000, 1, 0, -5].map(countdown)).toEqual(['1:01', '1:01', '0:07', '0:01', '0:00', '0:00']);
});

test('UTC keeps milliseconds where there are some', () => {
  expect(utc('2026-11-20T10:00:33.000Z')).toBe('2026-11-20 10:00:33 UTC');
  expect(utc('2026-11-20T10:00:33.125Z')).toBe('2026-11-20 10:00:33.125 UTC');
});

test('sizes and numbers are written as a language writes them', () => {
  const [en, de] = [new Formats('en'), new Formats('de')];
  expect([0, 999, 1500, 3_200_000_000].map((size) => en.bytes(size))).toEqual([
    '0 bytes',
    '999 bytes',
    '1.5 kB',
    '3.2 GB',
  ]);
  expect([de.bytes(1500), de.number(12_345)]).toEqual(['1,5 kB', '12.345']);
});
