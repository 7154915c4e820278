import type { KeyedHash } from './keyed-hash.js';

/** Open addressing over typed arrays: for each slot a hash and a leaf index + 1 (0: empty). */
class Part {
  private size = 0;
  private lows = new Uint32Array(16);
  private highs = new Uint32Array(16);
  private leaves = new Uint32Array(16);

  /** `fill`: how full it may be before it grows, from 0 to 1. */
  constructor(private readonly fill: number) {}

  add(low: number, high: number, leaf: number): void {
    if (this.size++ >= this.fill * this.leaves.length) this.grow();
    this.place(low, high, leaf);
  }

  find(low: number, high: number, matches: (leafIndex: number) => boolean): number {
    const mask = this.leaves.length - 1;
    for (let slot = low & mask; this.leaves[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.lows[slot] === low && this.highs[slot] === high && matches(this.leaves[slot]! - 1))
        return this.leaves[slot]! - 1;
    }
    return -1;
  }

  private place(low: number, high: number, leaf: number): void {
    const mask = this.leaves.length - 1;
    let slot = low & mask;
    while (this.leaves[slot] !== 0) slot = (slot + 1) & mask;
    this.lows[slot] = low;
    this.highs[slot] = high;
    this.leaves[slot] = leaf;
  }

  private grow(): void {
    const { lows, highs, leaves } = this;
    this.lows = new Uint32Array(leaves.length * 2);
    this.highs = new Uint32Array(leaves.length * 2);
    this.leaves = new Uint32Array(leaves.length * 2);
    leaves.forEach((leaf, slot) => {
      if (leaf !== 0) this.place(lows[slot]!, highs[slot]!, leaf);
    });
  }
}

const PARTS = 256;

/**
 * The digests of one window by their keyed hash, in memory: 16 to 24 bytes a digest. It stands in 256 parts that grow one by one, at
 * different fills: one large table of two million digests stopped the daemon for half a second when it doubled.
 * It answers with leaf indices that may be the digest's; whoever asks compares the digest itself.
 */
export class DigestTable {
  /** Digests added so far; the next one has this leaf index. */
  size = 0;
  private readonly parts: Part[] = [];

  /** Adds the digest whose hash `hash` holds, under leaf index `size`. */
  add(hash: KeyedHash): void {
    const number = hash.high >>> 24;
    const part = (this.parts[number] ??= new Part(0.5 + number / (4 * PARTS)));
    part.add(hash.low, hash.high, ++this.size);
  }

  /** The leaf index of the digest with this hash that `matches` confirms, or -1. */
  find(hash: KeyedHash, matches: (leafIndex: number) => boolean): number {
    return this.parts[hash.high >>> 24]?.find(hash.low, hash.high, matches) ?? -1;
  }
}
