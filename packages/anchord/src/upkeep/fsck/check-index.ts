import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { equalBytes, type MerkleTree } from '@chronos/shared';
import { findIndexFault, indexFileIn, type IndexedStore } from '../../store/index-store.js';
import type { Db } from '../../store/store.js';
import { KeyedHash } from '../../windows/keyed-hash.js';
import { tilesOf } from '../../windows/tree-tiles.js';
import type { WindowColumns, WindowVisitor } from './check-windows.js';
import { isDamage } from './damage.js';
import { type Findings, RESTORE } from './findings.js';
import { pages } from './pages.js';

const MEND = 'makes index.db anew from chronos.db';
const PAGE = 10_000;
const MAX_FOUND = 1_000;

/** A sum over a window's rows of the index in which each row counts, whatever their order: two halves that wrap. */
interface Sum {
  count: number;
  low: number;
  high: number;
}

/**
 * Holds the derived file against what the store makes of it. Each window's rows are compared by number and sum while they are read in the
 * order they lie in: to look every digest up would take ten times as long.
 */
export class IndexCheck implements WindowVisitor {
  private readonly index: Db | undefined;
  private readonly hash: KeyedHash;
  private readonly starts: number[] = [];
  private readonly ids: number[] = [];
  private readonly expected: Sum[] = [];
  private readonly found: { where: string; what: string }[] = [];
  private unreadable = false;
  private current: Sum = { count: 0, low: 0, high: 0 };
  private firstPlace = 0;
  private readonly statements;

  constructor(
    folder: string,
    private readonly findings: Findings,
    private readonly options: IndexedStore & { inUse: boolean },
  ) {
    this.hash = new KeyedHash(options.secret);
    if (!existsSync(indexFileIn(folder))) {
      findings.note('there is no index.db: the next start of anchord makes it');
      return;
    }
    const fault = findIndexFault(folder, options);
    if (fault !== undefined) {
      this.report('index.db', fault);
      return;
    }
    const index = new Database(indexFileIn(folder), { readonly: true });
    index.exec('BEGIN');
    this.index = index;
    this.statements = {
      window: index.prepare<[number], { digests: number; log_root: Buffer }>(
        'SELECT digests, log_root FROM indexed_windows WHERE window = ?',
      ),
      tile: index
        .prepare<[number, number, number], Buffer>(
          'SELECT hashes FROM tiles WHERE window = ? AND level = ? AND idx = ?',
        )
        .pluck(),
      countTiles: index.prepare<[number], number>('SELECT count(*) FROM tiles WHERE window = ?').pluck(),
    };
  }

  digest(bytes: Uint8Array, at: number, place: number): void {
    if (this.index === undefined) return;
    if (this.current.count === 0) this.firstPlace = place;
    this.hash.update(bytes, at);
    addTo(this.current, this.hash.high & 0xfffff, this.hash.low, place);
  }

  window(row: WindowColumns, tree: MerkleTree): void {
    const { current } = this;
    this.current = { count: 0, low: 0, high: 0 };
    this.guard(() => this.compare(row, tree, current));
  }

  private compare(row: WindowColumns, tree: MerkleTree, current: Sum): void {
    const { statements } = this;
    if (statements === undefined) return;
    const indexed = statements.window.get(row.id);
    if (indexed === undefined) {
      if (row.closed_at !== null)
        this.findings.note(`window ${row.id} is not in index.db yet: the next start of anchord puts it in`);
      return;
    }
    this.starts.push(this.firstPlace);
    this.ids.push(row.id);
    this.expected.push(current);
    const where = `index.db, window ${row.id}`;
    if (indexed.digests !== tree.size)
      this.report(where, `says ${indexed.digests} digests, and the store has ${tree.size}`);
    if (row.log_root === null || !equalBytes(indexed.log_root, row.log_root))
      this.report(where, 'has another root of the log than the store');
    let tiles = 0;
    for (const { level, idx, hashes } of tilesOf(tree)) {
      tiles++;
      const stored = statements.tile.get(row.id, level, idx);
      if (stored === undefined) this.report(where, `tile ${level}/${idx} is missing`);
      else if (!equalBytes(stored, hashes)) this.report(where, `tile ${level}/${idx} is not what the digests make`);
    }
    if (statements.countTiles.get(row.id) !== tiles) this.report(where, 'has tiles that are none of its tree');
  }

  /** After all windows were seen: reads the index through, and lets the file go. */
  finish(onProgress: (done: number) => void): void {
    this.guard(() => this.readThrough(onProgress));
    this.index?.close();
    for (const { where, what } of this.found) {
      // It can be made from windows that are whole alone.
      if (this.findings.hasLasting('windows'))
        this.findings.add('index', where, what, `the windows told above come first. ${RESTORE}`);
      else this.findings.addMendable('index', where, what, MEND, () => undefined, MEND);
    }
  }

  private readThrough(onProgress: (done: number) => void): void {
    const { index } = this;
    if (index === undefined) return;
    const [message] = index.pragma('integrity_check(1)') as { integrity_check: string }[];
    if (message?.integrity_check !== 'ok') this.report('index.db', message?.integrity_check ?? 'is damaged');
    const found = this.expected.map((): Sum => ({ count: 0, low: 0, high: 0 }));
    const select = index
      .prepare<[number, number], [key: number, place: number]>(
        `SELECT key, place FROM digest_index WHERE (key, place) > (?, ?) ORDER BY key, place LIMIT ${PAGE}`,
      )
      .raw();
    let strangers = 0;
    let done = 0;
    type Row = [key: number, place: number];
    const isAfter = ([key, place]: Row, other: Row) => key > other[0] || (key === other[0] && place > other[1]);
    for (const rows of pages<Row>((last) => select.all(...(last ?? ([-1, -1] as const))), isAfter)) {
      for (const [key, place] of rows) {
        const sum = found[this.windowAt(place)];
        if (sum === undefined) strangers++;
        else addTo(sum, Math.floor(key / 2 ** 32), key >>> 0, place);
      }
      onProgress((done += rows.length));
    }
    this.expected.forEach((expected, i) => {
      const { count, low, high } = found[i]!;
      if (count !== expected.count || low !== expected.low || high !== expected.high)
        this.report(
          `index.db, window ${this.ids[i]!}`,
          `${count} digests are found by it, and not all are those ${expected.count} of the window`,
        );
    });
    if (strangers > 0 && !this.options.inUse)
      this.report('index.db', `${strangers} rows are of no window that it says it has`);
  }

  /** The file is made anew after all else is mended (fsck.ts). */
  private report(where: string, what: string): void {
    if (this.found.length < MAX_FOUND) this.found.push({ where, what });
  }

  /** A file that cannot be read further is a fault of its own, not of the store. */
  private guard(work: () => void): void {
    if (this.unreadable) return;
    try {
      work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.unreadable = true;
      this.report('index.db', `cannot be read further: ${error.message}`);
    }
  }

  /** The number of the indexed window that a place is in, or -1. */
  private windowAt(place: number): number {
    let from = 0;
    let to = this.starts.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.starts[middle]! <= place) from = middle + 1;
      else to = middle;
    }
    const number = from - 1;
    const count = this.expected[number]?.count ?? 0;
    return number >= 0 && place < this.starts[number]! + count ? number : -1;
  }
}

/** `high` and `low` are the halves of an index key. Stirred, so that rows that swap parts of theirs do not make the same sum. */
function addTo(sum: Sum, high: number, low: number, place: number): void {
  let mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(place, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) ^ Math.floor(place / 2 ** 32);
  sum.count++;
  sum.low = (sum.low + mixed) | 0;
  sum.high = (sum.high + Math.imul(mixed ^ (mixed >>> 13), 0x297a2d39) + (high ^ low)) | 0;
}
