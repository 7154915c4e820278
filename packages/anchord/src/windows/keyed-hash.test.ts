import { describe, expect, test } from '@jest/globals';
import { KeyedHash } from './keyed-hash.js';

const WORD = 0xffffffffn;
const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (32n - bits))) & WORD;

/** HalfSipHash-2-4-64 as its reference states it, over bigint. */
function reference(secret: Buffer, message: Buffer): { low: number; high: number } {
  const [k0, k1] = [BigInt(secret.readUInt32LE(0)), BigInt(secret.readUInt32LE(4))];
  let [v0, v1, v2, v3] = [k0, k1 ^ 0xeen, 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const rounds = (count: number) => {
    for (; count > 0; count--) {
      v0 = (v0 + v1) & WORD;
      v1 = rotate(v1, 5n) ^ v0;
      v0 = rotate(v0, 16n);
      v2 = (v2 + v3) & WORD;
      v3 = rotate(v3, 8n) ^ v2;
      v0 = (v0 + v3) & WORD;
      v3 = rotate(v3, 7n) ^ v0;
      v2 = (v2 + v1) & WORD;
      v1 = rotate(v1, 13n) ^ v2;
      v2 = rotate(v2, 16n);
    }
  };
  const words = Array.from({ length: message.length / 4 }, (_, i) => BigInt(message.readUInt32LE(4 * i)));
  for (const word of [...words, BigInt(message.length) << 24n]) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  v2 ^= 0xeen;
  rounds(4);
  const high = Number(v1 ^ v3);
  v1 ^= 0xddn;
  rounds(4);
  return { high, low: Number(v1 ^ v3) };
}

describe('the keyed hash', () => {
  test('agrees with the reference for many digests and secrets, at any offset', () => {
    for (let i = 0; i < 50; i++) {
      const secret = Buffer.alloc(8, i * 5 + 1);
      const bytes = Buffer.from(Array.from({ length: 35 }, (_, at) => (at * 37 + i * 101) & 255));
      const hash = new KeyedHash(secret);
      hash.update(bytes, 3);
      expect({ high: hash.high, low: hash.low }).toEqual(reference(secret, bytes.subarray(3)));
    }
  });

  test('gives other keys under another secret', () => {
    const [a, b] = [new KeyedHash(Buffer.alloc(8, 1)), new KeyedHash(Buffer.alloc(8, 2))];
    a.update(Buffer.alloc(32), 0);
    b.update(Buffer.alloc(32), 0);
    expect(a.indexKey).not.toBe(b.indexKey);
  });

  test('gives index keys of 52 bits', () => {
    const hash = new KeyedHash(Buffer.alloc(8, 3));
    hash.high = 0xffffffff;
    hash.low = 0xffffffff;
    expect(hash.indexKey).toBe(2 ** 52 - 1);
  });
});
