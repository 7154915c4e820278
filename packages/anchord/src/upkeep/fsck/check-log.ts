import { equalBytes, nodeHash, treeRoot } from '@chronos/shared';
import { nativeHashInto } from '../../store/sha256.js';
import type { Db } from '../../store/store.js';
import { WindowLog } from '../../store/window-log.js';
import { recordLeaf, type WindowsChecked } from './check-windows.js';
import { type Findings, RESTORE } from './findings.js';
import { pages } from './pages.js';

interface LogRow {
  id: number;
  tree_size: number | null;
  root: Buffer | null;
  log_index: number | null;
  log_root: Buffer | null;
}

const PAGE = 1024;
/** Whatever else of its row is damaged. */
const CLOSED = 'coalesce(closed_at, root, log_index, log_root) IS NOT NULL';
const MEND = 'makes the log anew from the records of the windows';

/** Recomputes the log of windows from their records, and holds every node and every root of it against what is stored. */
export function checkLog(db: Db, findings: Findings, { corrected }: WindowsChecked): void {
  // Windows are closed one after the other, in the order of their ids.
  const select = db.prepare<[number], LogRow>(
    `SELECT id, tree_size, root, log_index, log_root FROM windows WHERE id > ? AND ${CLOSED} ORDER BY id LIMIT ${PAGE}`,
  );
  const selectNode = db
    .prepare<[number, number], Buffer>('SELECT hash FROM log_nodes WHERE level = ? AND idx = ?')
    .pluck();
  const countNodes = db.prepare<[], number>('SELECT count(*) FROM log_nodes').pluck();
  // What stands on a record that is wrong is wrong itself, and is not to be made so for good.
  const isMendable = !findings.hasLasting('windows');
  const report = (where: string, what: string) => {
    if (isMendable) findings.addMendable('log', where, what, MEND, rebuild, MEND);
    else findings.add('log', where, what, `the windows told above come first. ${RESTORE}`);
  };

  let size = 0;
  let nodes = 0;
  /** The newest complete node of each level: all that the next ones are made of. */
  const newest: Uint8Array[] = [];
  const isAfter = (row: LogRow, other: LogRow) => row.id > other.id;
  for (const rows of pages<LogRow>((last) => select.all(last?.id ?? -1), isAfter)) {
    for (const { id, log_index, log_root, ...row } of rows) {
      const { treeSize, root } = corrected.get(id) ?? { treeSize: row.tree_size, root: row.root };
      if (treeSize === null || root === null) continue; // told with the window
      if (log_index !== size)
        report(`window ${id}`, `stands at ${log_index ?? 'no place'} in the log, where ${size} comes next`);
      let hash = recordLeaf(id, treeSize, root);
      for (let level = 0, at = size; ; level++, at = (at - 1) / 2) {
        const stored = selectNode.get(level, at);
        nodes++;
        if (stored === undefined) report(`log node ${at} of level ${level}`, 'is missing');
        else if (!equalBytes(stored, hash))
          report(`log node ${at} of level ${level}`, 'is not what the records of the windows make');
        const left = newest[level];
        newest[level] = hash;
        if (at % 2 === 0) break;
        if (left === undefined) throw new Error(`the log has no node before ${at} of level ${level}`);
        hash = nodeHash(left, hash, nativeHashInto);
      }
      size++;
      const expected = treeRoot(size, (level) => newest[level]!, nativeHashInto);
      if (log_root === null || !equalBytes(log_root, expected))
        report(`window ${id}`, 'log_root is not the root of the log up to it');
    }
  }
  if (countNodes.get()! > nodes)
    report('log_nodes', `has ${countNodes.get()! - nodes} nodes more than ${size} windows make`);
}

function rebuild(db: Db): void {
  db.exec('DELETE FROM log_nodes');
  const log = new WindowLog(db);
  // An index that is taken by another row is first moved out of the way.
  db.exec('UPDATE windows SET log_index = -1 - log_index WHERE log_index >= 0');
  const rows = db
    .prepare<[], { id: number; tree_size: number; root: Buffer }>(
      `SELECT id, tree_size, root FROM windows WHERE ${CLOSED} ORDER BY id`,
    )
    .all();
  const update = db.prepare('UPDATE windows SET log_index = ?, log_root = ? WHERE id = ?');
  rows.forEach(({ id, tree_size, root }, index) => update.run(index, log.append(index, id, tree_size, root), id));
}
