import { inclusionPath, treeRoot } from './merkle.js';
import { type HashInto, portableHashInto } from './sha256.js';

const HASH_BYTES = 32;

/** Bytes that grow at the end; what lies before `length` stays where it is, at the same offset. */
class GrowingBytes {
  bytes = new Uint8Array(1024);
  length = 0;

  push(source: Uint8Array, from: number): void {
    if (this.length + HASH_BYTES > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    for (let i = 0; i < HASH_BYTES; i++) this.bytes[this.length + i] = source[from + i]!;
    this.length += HASH_BYTES;
  }
}

/**
 * An RFC 9162 tree that grows leaf by leaf, at a little over one hash a leaf, so that its root is there as soon as its last leaf is.
 * It keeps the complete nodes from level `lowestLevel` up: at 4, a thirtieth of the memory of all levels (what lies below a node of
 * level 4 is recomputed from 16 leaves when a proof wants it).
 */
export class MerkleTree {
  /** Leaves appended so far. */
  size = 0;
  /** For each level: 0x01 || left || right, the left half waiting for its right sibling. What is hashed is this buffer, without a copy. */
  private readonly pairs: Uint8Array[] = [];
  private readonly levels: GrowingBytes[] = [];
  private readonly entry = new Uint8Array(1 + HASH_BYTES); // 0x00 || entry

  constructor(
    private readonly hashInto: HashInto = portableHashInto,
    readonly lowestLevel = 0,
  ) {}

  /** Appends SHA-256(0x00 || SHA-256(`submittedAndSalt`)), with 48 bytes submitted || salt. */
  append(submittedAndSalt: Uint8Array): void {
    this.hashInto(submittedAndSalt, this.entry, 1);
    this.appendEntry();
  }

  /** Appends an entry of 32 bytes, as SHA-256(0x00 || entry). */
  appendRaw(entry: Uint8Array): void {
    this.entry.set(entry, 1);
    this.appendEntry();
  }

  private appendEntry(): void {
    let index = this.size++;
    let input: Uint8Array = this.entry;
    for (let level = 0; ; level++) {
      const pair = (this.pairs[level] ??= this.newPair());
      const isRight = index % 2;
      const at = isRight === 0 ? 1 : 1 + HASH_BYTES;
      this.hashInto(input, pair, at);
      if (level >= this.lowestLevel) (this.levels[level] ??= new GrowingBytes()).push(pair, at);
      if (isRight === 0) return;
      input = pair;
      index = (index - 1) / 2;
    }
  }

  private newPair(): Uint8Array {
    const pair = new Uint8Array(1 + 2 * HASH_BYTES);
    pair[0] = 0x01;
    return pair;
  }

  /**
   * The hash of a complete node (see `NodeReader`): a view that the next leaf may overwrite where the level is not kept. Below `lowestLevel`
   * only the last node of each level is known. Throws `RangeError` for a node that is not there or not kept.
   */
  node(level: number, index: number): Uint8Array {
    const complete = Math.floor(this.size / 2 ** level);
    const kept = this.levels[level];
    const pair = this.pairs[level];
    const isLast = index === complete - 1;
    if (pair === undefined || !Number.isInteger(index) || index < 0 || index >= complete || !(kept ?? isLast)) {
      throw new RangeError(`node ${index} of level ${level} is not kept`);
    }
    if (kept !== undefined) return kept.bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    return index % 2 === 0 ? pair.subarray(1, 33) : pair.subarray(33, 65);
  }

  /** The root of all leaves appended so far, 32 new bytes. Throws `RangeError` where there is none. */
  root(): Uint8Array {
    return Uint8Array.from(treeRoot(this.size, (level, index) => this.node(level, index), this.hashInto));
  }

  /** The inclusion proof of leaf `index`, from the leaf up. Needs a tree that keeps all levels. Throws `RangeError` as {@link node} does. */
  path(index: number): Uint8Array[] {
    return inclusionPath(index, this.size, (level, i) => this.node(level, i), this.hashInto);
  }

  /** All complete nodes of a kept level, one after the other, 32 bytes each; empty above the highest complete node. */
  level(level: number): Uint8Array {
    const kept = this.levels[level];
    return kept === undefined ? new Uint8Array(0) : kept.bytes.subarray(0, kept.length);
  }
}
