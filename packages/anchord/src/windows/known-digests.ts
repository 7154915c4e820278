import { HASH_BYTES } from '@chronos/shared';
import { ADMITTED_BYTES, type Admissions } from '../store/admissions.js';
import type { IndexReader } from '../store/index-store.js';
import type { DigestFilter } from './digest-filter.js';
import { DigestTable } from './digest-table.js';
import type { KeyedHash } from './keyed-hash.js';

/** Finds the place of a digest among all that were ever admitted. */
export class KnownDigests {
  /** The windows whose digests are not in the index yet, by id: the open one, and those that are being closed. */
  private readonly recent = new Map<number, { firstPlace: number; table: DigestTable }>();
  /** Digests that have a place but are not in the store yet: `ADMITTED_BYTES` each. */
  private uncommitted: { firstPlace: number; bytes: Uint8Array } | undefined;

  constructor(
    private readonly admissions: Admissions,
    private readonly index: IndexReader,
    private readonly hash: KeyedHash,
    private readonly filter: () => DigestFilter | undefined,
  ) {}

  /** The table of a window that is not indexed; made, with what the store holds of it, where there is none. */
  tableOf(window: number, firstPlace: number): DigestTable {
    const known = this.recent.get(window);
    if (known !== undefined) return known.table;
    const table = new DigestTable();
    for (let runs = this.admissions.runs(firstPlace, 256); runs.length > 0;) {
      for (const run of runs) {
        if (run.window !== window) break;
        for (let at = 0; at < run.digests.length; at += ADMITTED_BYTES) this.addTo(table, run.digests, at);
      }
      runs = runs.at(-1)?.window === window ? this.admissions.runs(firstPlace + table.size, 256) : [];
    }
    this.recent.set(window, { firstPlace, table });
    return table;
  }

  addTo(table: DigestTable, bytes: Uint8Array, at: number): void {
    this.hash.update(bytes, at);
    table.add(this.hash);
  }

  /** The index has the window's digests now. */
  forget(window: number): void {
    this.recent.delete(window);
  }

  /** While a batch is put together: its digests stand in `bytes`, from `firstPlace` on. */
  setUncommitted(uncommitted: { firstPlace: number; bytes: Uint8Array } | undefined): void {
    this.uncommitted = uncommitted;
  }

  /**
   * The place of the digest that stands in `bytes` at `at`, or -1. Leaves the digest's hash in the keyed hash. Older windows are looked at
   * first: one that has two places, the later as the last digest of a window, keeps its first timestamp.
   */
  find(bytes: Uint8Array, at: number): number {
    this.hash.update(bytes, at);
    if (this.filter()?.mayHaveHash(this.hash) !== false) {
      const place = this.index.findPlaces(this.hash.indexKey).find((indexed) => this.standsAt(indexed, bytes, at));
      if (place !== undefined) return place;
    }
    for (const { firstPlace, table } of this.recent.values()) {
      const leafIndex = table.find(this.hash, (candidate) => this.standsAt(firstPlace + candidate, bytes, at));
      if (leafIndex >= 0) return firstPlace + leafIndex;
    }
    return -1;
  }

  private standsAt(place: number, bytes: Uint8Array, at: number): boolean {
    const { uncommitted } = this;
    if (uncommitted !== undefined && place >= uncommitted.firstPlace) {
      return sameDigest(uncommitted.bytes, (place - uncommitted.firstPlace) * ADMITTED_BYTES, bytes, at);
    }
    const admission = this.admissions.find(place);
    return admission !== undefined && sameDigest(admission.bytes, 0, bytes, at);
  }
}

function sameDigest(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): boolean {
  for (let i = 0; i < HASH_BYTES; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}
