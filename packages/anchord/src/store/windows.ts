import type { Db } from './store.js';

/** A window as stored. Fields from `closedAtMs` on are there once it is closed, `finalAtMs` once it is final. */
export interface WindowRow {
  id: number;
  seconds: number;
  firstPlace: number;
  dcrtimeRoot?: Uint8Array;
  closed?: { atMs: number; treeSize: number; root: Uint8Array; logIndex: number; logRoot: Uint8Array };
  finalAtMs?: number;
}

interface Columns {
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

/** The rows of windows. Writing methods are to be called within a transaction. */
export class Windows {
  private readonly statements;

  constructor(db: Db) {
    this.statements = {
      insert: db.prepare('INSERT INTO windows (id, seconds, first_place) VALUES (?, ?, ?)'),
      complete: db.prepare('UPDATE windows SET dcrtime_root = ? WHERE id = ? AND dcrtime_root IS NULL'),
      close: db.prepare(
        `UPDATE windows SET closed_at = ?, tree_size = ?, root = ?, log_index = ?, log_root = ? WHERE id = ? AND closed_at IS NULL`,
      ),
      queue: db.prepare('INSERT INTO unanchored (chain, window) VALUES (?, ?)'),
      get: db.prepare<[number], Columns>('SELECT * FROM windows WHERE id = ?'),
      next: db.prepare<[number], Columns>('SELECT * FROM windows WHERE id > ? ORDER BY id LIMIT 1'),
      last: db.prepare<[], Columns>('SELECT * FROM windows ORDER BY id DESC LIMIT 1'),
      lastFinal: db.prepare<[], Columns>('SELECT * FROM windows WHERE final_at IS NOT NULL ORDER BY id DESC LIMIT 1'),
      list: db.prepare<[number, number], Columns>('SELECT * FROM windows WHERE id < ? ORDER BY id DESC LIMIT ?'),
      unclosed: db.prepare<[], Columns>(
        'SELECT * FROM windows WHERE final_at IS NULL AND closed_at IS NULL ORDER BY id',
      ),
      closedIds: db.prepare<[], number>('SELECT id FROM windows WHERE closed_at IS NOT NULL ORDER BY id').pluck(),
      oldestUnfinished: db.prepare<[], Columns>(
        'SELECT * FROM windows WHERE final_at IS NULL AND closed_at IS NOT NULL ORDER BY id LIMIT 1',
      ),
      count: db.prepare<[], number>('SELECT count(*) FROM windows').pluck(),
      logSize: db.prepare<[], number>('SELECT ifnull(max(log_index) + 1, 0) FROM windows').pluck(),
      logRoot: db.prepare<[number], Buffer>('SELECT log_root FROM windows WHERE log_index = ?').pluck(),
    };
  }

  insert(id: number, seconds: number, firstPlace: number): void {
    this.statements.insert.run(id, seconds, firstPlace);
  }

  /** Notes that the window's last digest is in. */
  setDcrtimeRoot(id: number, root: Uint8Array): void {
    expectOne(this.statements.complete.run(root, id));
  }

  /** Closes the window and hands it to the chains to anchor. */
  close(id: number, closed: NonNullable<WindowRow['closed']>, chains: readonly string[]): void {
    const { atMs, treeSize, root, logIndex, logRoot } = closed;
    expectOne(this.statements.close.run(atMs, treeSize, root, logIndex, logRoot, id));
    for (const chain of chains) this.statements.queue.run(chain, id);
  }

  find(id: number): WindowRow | undefined {
    return toWindow(this.statements.get.get(id));
  }

  /** The window after this one, if there is one yet. */
  findNext(id: number): WindowRow | undefined {
    return toWindow(this.statements.next.get(id));
  }

  findLast(): WindowRow | undefined {
    return toWindow(this.statements.last.get());
  }

  findLastFinal(): WindowRow | undefined {
    return toWindow(this.statements.lastFinal.get());
  }

  /** The oldest closed window that is not final. */
  findOldestUnfinished(): WindowRow | undefined {
    return toWindow(this.statements.oldestUnfinished.get());
  }

  /** The windows that began before `before`, the newest first. */
  list(before: number, limit: number): WindowRow[] {
    return this.statements.list.all(before, limit).map((row) => toWindow(row)!);
  }

  /** The windows that are not closed, oldest first: the open one, and what a stop left behind. */
  listUnclosed(): WindowRow[] {
    return this.statements.unclosed.all().map((row) => toWindow(row)!);
  }

  /** The ids of all closed windows, oldest first. Ids alone: there may be a million of them a year. */
  listClosedIds(): number[] {
    return this.statements.closedIds.all();
  }

  count(): number {
    return this.statements.count.get()!;
  }

  /** How many windows the log holds. */
  logSize(): number {
    return this.statements.logSize.get()!;
  }

  /** The root of the log of the first `size` windows. */
  findLogRoot(size: number): Uint8Array | undefined {
    return this.statements.logRoot.get(size - 1);
  }
}

function expectOne({ changes }: { changes: number }): void {
  if (changes !== 1) throw new Error('the window is not in the state to be changed so');
}

function toWindow(row: Columns | undefined): WindowRow | undefined {
  if (row === undefined) return undefined;
  const { closed_at, tree_size, root, log_index, log_root } = row;
  const isClosed = closed_at !== null && tree_size !== null && root !== null && log_index !== null && log_root !== null;
  return {
    id: row.id,
    seconds: row.seconds,
    firstPlace: row.first_place,
    ...(row.dcrtime_root === null ? {} : { dcrtimeRoot: row.dcrtime_root }),
    ...(isClosed
      ? { closed: { atMs: closed_at, treeSize: tree_size, root, logIndex: log_index, logRoot: log_root } }
      : {}),
    ...(row.final_at === null ? {} : { finalAtMs: row.final_at }),
  };
}
