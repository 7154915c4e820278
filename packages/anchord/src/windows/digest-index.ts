import { ADMITTED_BYTES, type Admissions } from '../store/admissions.js';
import { onIndex } from '../store/index-store.js';
import type { Db } from '../store/store.js';
import { DigestFilter } from './digest-filter.js';
import type { IndexedWindow, WindowSpan } from './indexer-protocol.js';
import type { KeyedHash } from './keyed-hash.js';
import { nextTurn } from './window-trees.js';

const SLICE = 20_000;
const BUCKETS = 2 ** 16;
const SMALLEST_FILTER = 2 ** 20;

/** Fills the index from digest to place, window by window, and the filter over it. */
export class DigestIndex {
  private readonly insert;
  private readonly insertWindow;
  private readonly selectKeys;
  private readonly selectCount;
  private filters: DigestFilter[] = []; // the one in use, and a larger one that is being filled
  private count = 0;

  constructor(
    private readonly admissions: Admissions,
    private readonly index: Db,
    private readonly hash: KeyedHash,
    private readonly publish: (filter: SharedArrayBuffer) => void,
  ) {
    this.insert = index.prepare('INSERT OR IGNORE INTO digest_index (key, place) VALUES (?, ?)');
    this.insertWindow = index.prepare(
      'INSERT OR IGNORE INTO indexed_windows (window, digests, log_root) VALUES (?, ?, ?)',
    );
    this.selectKeys = index
      .prepare<[number], number>(`SELECT key FROM digest_index WHERE key > ? ORDER BY key LIMIT ${SLICE}`)
      .pluck();
    this.selectCount = index.prepare<[], number>('SELECT ifnull(sum(digests), 0) FROM indexed_windows').pluck();
  }

  /** Puts a window's digests into the index, in the order of their keys' upper bits, so that neighbours in the file are written together. */
  async add({ window, firstPlace }: WindowSpan, { treeSize, logRoot }: IndexedWindow): Promise<void> {
    const keys = await this.readKeys(firstPlace, treeSize);
    const order = bucketOrder(keys);
    for (let from = 0; from < treeSize; from += SLICE) {
      const insertSlice = this.index.transaction(() => {
        for (const position of order.subarray(from, from + SLICE)) {
          const key = keys[position]!;
          this.insert.run(key, firstPlace + position);
          for (const filter of this.filters) filter.add(Math.floor(key / 2 ** 32), key >>> 0);
        }
        if (from + SLICE >= treeSize) this.insertWindow.run(window, treeSize, logRoot);
      });
      onIndex(insertSlice);
      await nextTurn();
    }
    this.count += treeSize;
    if (this.filters.length === 1 && this.count > this.filters[0]!.capacity) await this.buildFilter();
  }

  /** Makes a filter with room to grow over all that the index holds, and hands it out. */
  async buildFilter(): Promise<void> {
    this.count = onIndex(() => this.selectCount.get()!);
    const filter = DigestFilter.forDigests(Math.max(SMALLEST_FILTER, this.count * 2));
    this.filters.push(filter);
    for (let after = -1; ;) {
      const keys = onIndex(() => this.selectKeys.all(after));
      for (const key of keys) filter.add(Math.floor(key / 2 ** 32), key >>> 0);
      const last = keys.at(-1);
      if (last === undefined) break;
      after = last;
      await nextTurn();
    }
    this.filters = [filter];
    this.publish(filter.memory);
  }

  private async readKeys(firstPlace: number, treeSize: number): Promise<Float64Array> {
    const keys = new Float64Array(treeSize);
    for (let taken = 0; taken < treeSize; await nextTurn()) {
      const runs = this.admissions.runs(firstPlace + taken, 64);
      if (runs[0]?.place !== firstPlace + taken) throw new Error(`no digest at place ${firstPlace + taken}`);
      for (const { digests } of runs) {
        for (let at = 0; at < digests.length && taken < treeSize; at += ADMITTED_BYTES) {
          this.hash.update(digests, at);
          keys[taken++] = this.hash.indexKey;
        }
      }
    }
    return keys;
  }
}

/** The positions of 52-bit keys in the order of their upper 16 bits: all that the locality of the writes asks for, at a tenth of a sort. */
function bucketOrder(keys: Float64Array): Uint32Array {
  const starts = new Uint32Array(BUCKETS + 1);
  const bucket = (key: number) => Math.floor(key / 2 ** 36);
  for (const key of keys) starts[bucket(key) + 1]!++;
  for (let i = 0; i < BUCKETS; i++) starts[i + 1]! += starts[i]!;
  const order = new Uint32Array(keys.length);
  keys.forEach((key, position) => {
    order[starts[bucket(key)]!++] = position;
  });
  return order;
}
