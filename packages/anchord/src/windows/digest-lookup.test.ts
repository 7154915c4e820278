import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DigestFilter } from './digest-filter.js';
import { DigestTable } from './digest-table.js';
import { KeyedHash } from './keyed-hash.js';

function hashOf(high: number, low: number): KeyedHash {
  const hash = new KeyedHash(new Uint8Array(8));
  hash.high = high;
  hash.low = low;
  return hash;
}

describe('the table of a window', () => {
  test('finds every digest that was added, under its leaf index, and no other', () => {
    const table = new DigestTable();
    const hash = (i: number) => hashOf(Math.imul(i, 0x9e3779b1) >>> 0, Math.imul(i, 0x85ebca6b) >>> 0);
    for (let i = 0; i < 20_000; i++) table.add(hash(i));
    expect(table.size).toBe(20_000);
    for (let i = 0; i < 20_000; i++) expect(table.find(hash(i), () => true)).toBe(i);
    for (let i = 20_000; i < 40_000; i++) expect(table.find(hash(i), () => true)).toBe(-1);
  });

  test('keeps digests apart whose hashes collide, by asking which it is', () => {
    const table = new DigestTable();
    for (let i = 0; i < 100; i++) table.add(hashOf(1, 1));
    expect(table.find(hashOf(1, 1), (leafIndex) => leafIndex === 57)).toBe(57);
    expect(table.find(hashOf(1, 1), () => false)).toBe(-1);
  });
});

describe('the filter', () => {
  const halves = fc.tuple(fc.nat(2 ** 20 - 1), fc.nat({ max: 0xffffffff }));

  test('never denies what was added', () => {
    fc.assert(
      fc.property(fc.array(halves, { maxLength: 300 }), (keys) => {
        const filter = DigestFilter.forDigests(1000);
        for (const [high, low] of keys) filter.add(high, low);
        return keys.every(([high, low]) => filter.mayHave(high, low));
      }),
    );
  });

  test('denies all but one in a hundred of what was not, when it is as full as it was made for', () => {
    const filter = DigestFilter.forDigests(100_000);
    const random = (i: number, salt: number) => Math.imul(Math.imul(i ^ salt, 0x9e3779b1) ^ (i << 7), 0x85ebca6b) >>> 0;
    for (let i = 0; i < 100_000; i++) filter.add(random(i, 1) & 0xfffff, random(i, 2));
    let passed = 0;
    for (let i = 100_000; i < 200_000; i++) if (filter.mayHave(random(i, 1) & 0xfffff, random(i, 2))) passed++;
    expect(passed).toBeLessThan(1000);
  });

  test('is the same in the thread that shares its memory', () => {
    const filter = DigestFilter.forDigests(10);
    const shared = new DigestFilter(filter.memory);
    filter.add(5, 77);
    expect(shared.mayHave(5, 77)).toBe(true);
    expect(shared.capacity).toBe(filter.capacity);
  });
});
