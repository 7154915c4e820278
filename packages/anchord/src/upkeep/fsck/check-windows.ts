import { dcrtimeRootInPlace, equalBytes, HASH_BYTES, leafHash, MerkleTree, windowRecord } from '@chronos/shared';
import { ADMITTED_BYTES, Admissions, type Run } from '../../store/admissions.js';
import { nativeHashInto } from '../../store/sha256.js';
import type { Db } from '../../store/store.js';
import { sortDigests } from '../../windows/sort-digests.js';
import { LOWEST_KEPT_LEVEL } from '../../windows/tree-tiles.js';
import { type Findings, RESTORE } from './findings.js';
import { pages } from './pages.js';

export interface WindowColumns {
  id: number;
  seconds: number;
  first_place: number;
  dcrtime_root: Buffer | null;
  closed_at: number | null;
  tree_size: number | null;
  root: Buffer | null;
  log_index: number | null;
  log_root: Buffer | null;
  final_at: number | null;
}

/** Sees every digest and every window's tree as it is recomputed. */
export interface WindowVisitor {
  digest(bytes: Uint8Array, at: number, place: number): void;
  window(row: WindowColumns, tree: MerkleTree): void;
}

export interface WindowsChecked {
  /** The true records of windows whose row tells another. */
  corrected: ReadonlyMap<number, { treeSize: number; root: Uint8Array }>;
  digests: number;
}

const PAGE = 256;

/** Reads every digest, in the order of admission, and recomputes every window from it. */
export class WindowCheck {
  private readonly runs: Generator<Run[], undefined>;
  private readonly statements;
  private readonly corrected = new Map<number, { treeSize: number; root: Uint8Array }>();
  /** Windows with a fault that stays. */
  private readonly lasting = new Set<number>();
  private queue: Run[] = [];
  private digests = 0;

  constructor(
    db: Db,
    private readonly findings: Findings,
    private readonly visitor: WindowVisitor,
    private readonly onProgress: (done: number) => void,
  ) {
    const admissions = new Admissions(db);
    this.runs = pages<Run>(
      (last) => admissions.runs(last === undefined ? 0 : last.place + 1, PAGE),
      (run, other) => run.place > other.place,
    );
    this.statements = {
      windows: db.prepare<[number], WindowColumns>(`SELECT * FROM windows WHERE id > ? ORDER BY id LIMIT ${PAGE}`),
      isWindow: db.prepare<[number], number>('SELECT 1 FROM windows WHERE id = ?').pluck(),
      leaf: db.prepare<[number | null], Buffer>('SELECT hash FROM log_nodes WHERE level = 0 AND idx = ?').pluck(),
    };
  }

  run(): WindowsChecked {
    let place = 0;
    let previous: { row: WindowColumns; count: number } | undefined;
    const byId = (row: WindowColumns, other: WindowColumns) => row.id > other.id;
    for (const rows of pages<WindowColumns>((last) => this.statements.windows.all(last?.id ?? -1), byId)) {
      for (const row of rows) {
        // A window that was ended by a stop has a place kept for its last digest.
        if (
          previous !== undefined &&
          previous.row.dcrtime_root === null &&
          previous.row.closed_at === null &&
          previous.count > 1
        )
          place++;
        const first = this.checkFirstPlace(row, place);
        const { tree, digests, end, adopted } = this.readWindow(row, first);
        this.checkWindow(row, tree, digests, adopted.length > 0);
        for (const run of adopted) this.tellAdopted(row, run);
        this.visitor.window(row, tree);
        previous = { row, count: tree.size };
        place = end;
        this.onProgress(this.digests);
      }
    }
    this.passOver(Infinity);
    return { corrected: this.corrected, digests: this.digests };
  }

  /** Digests before `place` that no window takes. */
  private passOver(place: number): void {
    for (let run = this.peek(); run !== undefined && run.place < place; run = this.peek()) {
      this.findings.add(
        'windows',
        placesOf(run),
        `belong to window ${run.window}, which is not there or came before`,
        RESTORE,
      );
      this.queue.shift();
    }
  }

  private peek(): Run | undefined {
    if (this.queue.length === 0) {
      const { value } = this.runs.next();
      this.queue = value ?? [];
    }
    return this.queue[0];
  }

  /** Where the window begins: after the one before it, if its digests say so, too. */
  private checkFirstPlace({ id, first_place }: WindowColumns, expected: number): number {
    if (first_place === expected) return expected;
    const run = this.peek();
    const what = `first_place is ${first_place}, and the window before it ends at ${expected}`;
    if (run?.window === id && run.place === expected) {
      this.findings.addMendable(
        'windows',
        `window ${id}`,
        what,
        `sets it to ${expected}, where its digests begin`,
        (db) => db.prepare('UPDATE windows SET first_place = ? WHERE id = ?').run(expected, id),
      );
      return expected;
    }
    this.findings.add('windows', `window ${id}`, what, RESTORE);
    return first_place;
  }

  private readWindow(row: WindowColumns, first: number) {
    const { id } = row;
    if (this.peek()?.window !== id) this.passOver(first);
    const adopted: Run[] = [];
    let own = 0;
    const tree = new MerkleTree(nativeHashInto, LOWEST_KEPT_LEVEL);
    let digests = new Uint8Array(64 * HASH_BYTES);
    let next = first;
    for (let run = this.peek(); run !== undefined; run = this.peek()) {
      if (run.window !== id) {
        if (!this.isOrphan(run, row, next, tree.size)) break;
        adopted.push(run);
      } else own++;
      this.queue.shift();
      if (run.place !== next) {
        const what =
          run.place > next ? `digests ${next} to ${run.place - 1} are missing` : 'lie over those before them';
        this.findings.add('windows', `window ${id}, ${placesOf(run)}`, what, RESTORE);
        next = run.place;
      }
      if (run.digests.length === 0 || run.digests.length % ADMITTED_BYTES !== 0)
        this.findings.add(
          'windows',
          `window ${id}, ${placesOf(run)}`,
          `${run.digests.length} bytes are no whole digests`,
          RESTORE,
        );
      if (!Number.isSafeInteger(run.receivedAtMs) || run.receivedAtMs <= 0 || run.receivedAtMs > MAX_TIME_MS)
        this.findings.add(
          'windows',
          `window ${id}, ${placesOf(run)}`,
          `received_at ${run.receivedAtMs} is no time`,
          RESTORE,
        );
      for (let at = 0; at + ADMITTED_BYTES <= run.digests.length; at += ADMITTED_BYTES, next++) {
        if ((tree.size + 1) * HASH_BYTES > digests.length) {
          const larger = new Uint8Array(2 * digests.length);
          larger.set(digests);
          digests = larger;
        }
        digests.set(run.digests.subarray(at, at + HASH_BYTES), tree.size * HASH_BYTES);
        tree.append(run.digests.subarray(at, at + ADMITTED_BYTES));
        this.visitor.digest(run.digests, at, next);
        this.digests++;
      }
    }
    // Where the window itself is not sure, its digests may be right and its id wrong.
    if (adopted.length > 0 && own === 0 && row.closed_at === null) this.lasting.add(id);
    return { tree, digests: digests.subarray(0, tree.size * HASH_BYTES), end: next, adopted };
  }

  /** A run of an unknown window that stands where this window goes on, and is missing in it, is this one's. */
  private isOrphan(run: Run, { tree_size }: WindowColumns, next: number, size: number): boolean {
    const isMissed = tree_size === null || size < tree_size;
    return isMissed && run.place === next && this.statements.isWindow.get(run.window) === undefined;
  }

  private tellAdopted({ id }: WindowColumns, run: Run): void {
    const where = `window ${id}, ${placesOf(run)}`;
    const what = `are said to be of window ${run.window}, which is not there`;
    if (this.lasting.has(id)) this.findings.add('windows', where, what, RESTORE);
    else
      this.findings.addMendable('windows', where, what, `gives them to window ${id}`, (db) =>
        db.prepare('UPDATE admissions SET window = ? WHERE place = ?').run(id, run.place),
      );
  }

  private checkWindow(row: WindowColumns, tree: MerkleTree, digests: Uint8Array, isDoubtful: boolean): void {
    const { id, closed_at, tree_size, root, log_index, log_root, final_at, dcrtime_root } = row;
    const where = `window ${id}`;
    if (!Number.isSafeInteger(row.seconds) || row.seconds < 1 || row.seconds > 86_400)
      this.findings.add('windows', where, `a length of ${row.seconds} s`, RESTORE);
    if (tree.size === 0) {
      this.findings.add('windows', where, 'has no digests', RESTORE);
      return;
    }
    const fields = [closed_at, tree_size, root, log_index, log_root];
    const isClosed = fields.some((field) => field !== null);
    if (isClosed && closed_at === null)
      this.findings.addMendable(
        'windows',
        where,
        'is closed, and closed_at is missing',
        'sets it to the end of the window',
        (db) => db.prepare('UPDATE windows SET closed_at = (id + seconds) * 1000 WHERE id = ?').run(id),
      );
    if (!isClosed && final_at !== null) this.findings.add('windows', where, 'is final and not closed', RESTORE);
    if (isClosed || dcrtime_root !== null) this.checkLastDigest(row, digests);
    if (isClosed) this.checkRecord(row, tree, isDoubtful);
  }

  /** The last digest of a window is the dcrtime-style root of the others; a single one is its own. */
  private checkLastDigest({ id, dcrtime_root }: WindowColumns, digests: Uint8Array): void {
    const last = digests.slice(digests.length - HASH_BYTES);
    const others = digests.slice(0, Math.max(digests.length - HASH_BYTES, HASH_BYTES));
    sortDigests(others);
    const expected = dcrtimeRootInPlace(others, nativeHashInto);
    if (!equalBytes(last, expected)) {
      this.findings.add(
        'windows',
        `window ${id}`,
        'its last digest is not the dcrtime-style root of the others',
        RESTORE,
      );
      return;
    }
    if (dcrtime_root === null || !equalBytes(dcrtime_root, expected))
      this.findings.addMendable(
        'windows',
        `window ${id}`,
        'dcrtime_root is not its last digest',
        'sets it to that',
        (db) => db.prepare('UPDATE windows SET dcrtime_root = ? WHERE id = ?').run(last, id),
      );
  }

  /** The window's row, its digests and the leaf of the log each tell of the window's root: two of them prove a third wrong. */
  private checkRecord({ id, tree_size, root, log_index }: WindowColumns, tree: MerkleTree, isDoubtful: boolean): void {
    const where = `window ${id}`;
    const leaf = this.statements.leaf.get(log_index);
    const computed = tree.root();
    const byDigests = recordLeaf(id, tree.size, computed);
    const isStored = tree_size !== null && root !== null && Number.isSafeInteger(tree_size) && tree_size > 0;
    const byRow = isStored ? recordLeaf(id, tree_size, root) : undefined;
    const leafAgrees = leaf !== undefined && equalBytes(leaf, byDigests);
    // The leaf is checked with the log. Of a window whose digests name another, it alone tells which is right.
    if (byRow !== undefined && equalBytes(byRow, byDigests)) {
      if (isDoubtful && !leafAgrees) this.lasting.add(id);
      return;
    }
    if (leafAgrees) {
      this.corrected.set(id, { treeSize: tree.size, root: computed });
      this.findings.addMendable(
        'windows',
        where,
        'its digests and the log agree on another root or size than its row has',
        'sets root and tree_size to those',
        (db) => db.prepare('UPDATE windows SET tree_size = ?, root = ? WHERE id = ?').run(tree.size, computed, id),
      );
      return;
    }
    const rowIsRight = leaf !== undefined && byRow !== undefined && equalBytes(leaf, byRow);
    this.lasting.add(id);
    this.findings.add(
      'windows',
      where,
      `its ${tree.size} digests and salts do not lead to its root${rowIsRight ? '' : ', nor does the log know either'}`,
      RESTORE,
    );
  }
}

/** The most that a JavaScript date can be. */
const MAX_TIME_MS = 8.64e15;

export function recordLeaf(id: number, treeSize: number, root: Uint8Array): Uint8Array {
  return leafHash(windowRecord(id, treeSize, root), nativeHashInto);
}

function placesOf({ place, digests }: Run): string {
  return `digests ${place} to ${place + Math.max(1, Math.floor(digests.length / ADMITTED_BYTES)) - 1}`;
}
