/**
 * HalfSipHash-2-4 with a 64-bit result, over one digest: the key of the digest in our tables.
 * Digests come from anybody, so a plain prefix would let an attacker fill one slot; without the store's secret he cannot aim.
 * Source: the SipHash reference implementation (halfsiphash.c). 0.1 microseconds, a fifth of a SHA-256.
 */
export class KeyedHash {
  /** The result of the last call, as two unsigned 32-bit halves. */
  high = 0;
  low = 0;

  private readonly k0: number;
  private readonly k1: number;

  /** `secret`: 8 bytes. */
  constructor(secret: Uint8Array) {
    const view = new DataView(secret.buffer, secret.byteOffset, 8);
    this.k0 = view.getUint32(0, true) | 0;
    this.k1 = view.getUint32(4, true) | 0;
  }

  /** Hashes the 32 bytes of `bytes` from `at`; the result is in `high` and `low`. */
  update(bytes: Uint8Array, at: number): void {
    let v0 = this.k0;
    let v1 = this.k1 ^ 0xee; // the variant with a 64-bit result
    let v2 = 0x6c796765 ^ this.k0;
    let v3 = 0x74656462 ^ this.k1;
    // Eight words of the message, then the last word, which holds its length; two rounds each. Then four rounds for each half of the result.
    for (let step = 0; step < 9 + 4; step++) {
      let word = 0;
      if (step < 8) {
        const i = at + 4 * step;
        word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      } else if (step === 8) {
        word = 32 << 24;
      } else if (step === 9) {
        v2 ^= 0xee;
      } else if (step === 11) {
        this.high = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      v3 ^= word;
      for (let round = 0; round < 2; round++) {
        v0 = (v0 + v1) | 0;
        v1 = (v1 << 5) | (v1 >>> 27);
        v1 ^= v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = (v3 << 8) | (v3 >>> 24);
        v3 ^= v2;
        v0 = (v0 + v3) | 0;
        v3 = (v3 << 7) | (v3 >>> 25);
        v3 ^= v0;
        v2 = (v2 + v1) | 0;
        v1 = (v1 << 13) | (v1 >>> 19);
        v1 ^= v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
    }
    this.low = (v1 ^ v3) >>> 0;
  }

  /** 52 bits of the last result, as an integer that a number holds exactly: the key of the digest index. */
  get indexKey(): number {
    return (this.high & 0xfffff) * 2 ** 32 + this.low;
  }
}
