import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sortDigests } from './sort-digests.js';

function sorted(digests: Buffer[]): Buffer[] {
  const bytes = Buffer.concat(digests);
  sortDigests(bytes);
  return digests.map((_, i) => bytes.subarray(32 * i, 32 * i + 32));
}

describe('sorting digests', () => {
  test.each([0, 1, 2, 23, 24, 25, 1000])('sorts %i random digests by their bytes', (count) => {
    const digests = Array.from({ length: count }, () => randomBytes(32));
    expect(sorted(digests)).toEqual([...digests].sort((a, b) => Buffer.compare(a, b)));
  });

  test('sorts digests that share all but their last bytes, as an attacker may choose them', () => {
    const digests = Array.from({ length: 3000 }, (_, i) => {
      const digest = Buffer.alloc(32, 7);
      digest.writeUInt16BE((i * 7919) % 65_521, 30);
      return digest;
    });
    expect(sorted(digests)).toEqual([...digests].sort((a, b) => Buffer.compare(a, b)));
  });

  test('keeps equal digests', () => {
    const digests = Array.from({ length: 100 }, (_, i) => Buffer.alloc(32, i % 3));
    expect(sorted(digests)).toEqual([...digests].sort((a, b) => Buffer.compare(a, b)));
  });
});
