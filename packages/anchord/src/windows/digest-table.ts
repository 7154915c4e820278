import type { KeyedHash } from './keyed-hash.js';

/**
 * The digests of one window by their keyed hash, in memory: open addressing over typed arrays, 16 to 24 bytes a digest.
 * It answers with leaf indices that may be the digest's; whoever asks compares the digest itself.
 */
export class DigestTable {
  /** Digests added so far; the next one has this leaf index. */
  size = 0;
  private slots = new Int32Array(1024); // leaf index + 1; 0: empty
  private highs = new Uint32Array(512);
  private lows = new Uint32Array(512);

  /** Adds the digest whose hash `hash` holds, under leaf index `size`. */
  add(hash: KeyedHash): void {
    if (this.size === this.highs.length) this.grow();
    this.highs[this.size] = hash.high;
    this.lows[this.size] = hash.low;
    this.place(this.size++);
  }

  /** The leaf index of the first digest with this hash that `matches` confirms, or -1. */
  find(hash: KeyedHash, matches: (leafIndex: number) => boolean): number {
    const mask = this.slots.length - 1;
    for (let slot = hash.low & mask; ; slot = (slot + 1) & mask) {
      const leafIndex = this.slots[slot]! - 1;
      if (leafIndex < 0) return -1;
      if (this.lows[leafIndex] === hash.low && this.highs[leafIndex] === hash.high && matches(leafIndex)) return leafIndex;
    }
  }

  private place(leafIndex: number): void {
    const mask = this.slots.length - 1;
    let slot = this.lows[leafIndex]! & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = leafIndex + 1;
  }

  private grow(): void {
    this.highs = enlarged(this.highs);
    this.lows = enlarged(this.lows);
    this.slots = new Int32Array(this.slots.length * 2);
    for (let leafIndex = 0; leafIndex < this.size; leafIndex++) this.place(leafIndex);
  }
}

function enlarged(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
