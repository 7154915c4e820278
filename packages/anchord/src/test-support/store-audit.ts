import Database from 'better-sqlite3';
import {
  ANCHORED_TOPIC,
  concatBytes,
  dcrtimeRootInPlace,
  entryHash,
  equalBytes,
  HASH_BYTES,
  leafHash,
  nodeHash,
  toHex,
  treeRoot,
  windowRecord,
} from '@chronos/shared';
import { ADMITTED_BYTES, Admissions } from '../store/admissions.js';
import { type WindowRow, Windows } from '../store/windows.js';
import type { Anvil } from './anvil.js';

// What must hold of a store that has come to rest, computed anew from its rows: nothing here asks the code that wrote them how it did so.

type Nodes = Uint8Array[][];

/** All that is wrong in a store in which every window is final; empty where nothing is. */
export function auditStore(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    const windows = new Windows(db);
    const rows = windows.list(Number.MAX_SAFE_INTEGER, 1_000_000).toReversed();
    return [...auditAdmissions(db, rows), ...auditLog(rows), ...auditAttempts(db)];
  } finally {
    db.close();
  }
}

/** Whether every window is final and nothing is under way. */
export function isAtRest(file: string): boolean {
  const db = new Database(file, { readonly: true });
  try {
    const unfinished = `SELECT 1 FROM windows WHERE final_at IS NULL UNION ALL SELECT 1 FROM unanchored
      UNION ALL SELECT 1 FROM attempts WHERE state NOT IN ('final', 'failed')`;
    return db.prepare(unfinished).get() === undefined;
  } finally {
    db.close();
  }
}

/** Places have no gap, each window holds its own, no digest stands twice, and trees lead to their roots. */
function auditAdmissions(db: Database.Database, rows: readonly WindowRow[]): string[] {
  const faults: string[] = [];
  const admissions = new Admissions(db);
  const seen = new Map<string, number>();
  let place = 0;
  for (const run of admissions.runs(0, 1_000_000)) {
    if (run.place !== place) faults.push(`place ${place} has no digest, the next one is ${run.place}`);
    place = run.place + run.digests.length / ADMITTED_BYTES;
  }
  let end = 0;
  for (const { id, firstPlace, closed, dcrtimeRoot } of rows) {
    if (firstPlace !== end)
      faults.push(`window ${id} begins at place ${firstPlace}, the one before it ended at ${end}`);
    if (closed === undefined || dcrtimeRoot === undefined) {
      faults.push(`window ${id} is not closed`);
      continue;
    }
    end = firstPlace + closed.treeSize;
    const bytes = admissions.read(firstPlace, end);
    const entries = Array.from({ length: closed.treeSize }, (_, i) =>
      bytes.subarray(i * ADMITTED_BYTES, (i + 1) * ADMITTED_BYTES),
    );
    const digests = entries.map((entry) => entry.subarray(0, HASH_BYTES));
    const submitted = closed.treeSize === 1 ? digests : digests.slice(0, -1);
    for (const digest of submitted) {
      const other = seen.get(toHex(digest));
      if (other !== undefined) faults.push(`digest ${toHex(digest)} stands in windows ${other} and ${id}`);
      seen.set(toHex(digest), id);
    }
    const sorted = submitted.toSorted((a, b) => Buffer.compare(a, b));
    const last = closed.treeSize === 1 ? digests[0] : dcrtimeRootInPlace(concatBytes(...sorted));
    if (last === undefined || !equalBytes(last, dcrtimeRoot) || !equalBytes(last, digests.at(-1) ?? new Uint8Array()))
      faults.push(`the last digest of window ${id} is not the dcrtime root of the others`);
    const root = rootOf(
      entries.map((entry) => leafHash(entryHash(entry.subarray(0, HASH_BYTES), entry.subarray(HASH_BYTES)))),
    );
    if (!equalBytes(root, closed.root)) faults.push(`the digests of window ${id} do not lead to its root`);
  }
  if (end !== place) faults.push(`the windows end at place ${end}, the digests at ${place}`);
  return faults;
}

function auditLog(rows: readonly WindowRow[]): string[] {
  const leaves: Uint8Array[] = [];
  return rows.flatMap(({ id, closed, finalAtMs }, index) => {
    if (closed === undefined) return [];
    const { treeSize, root, logIndex, logRoot } = closed;
    leaves.push(leafHash(windowRecord(id, treeSize, root)));
    return [
      ...(finalAtMs === undefined ? [`window ${id} is not final`] : []),
      ...(logIndex === index ? [] : [`window ${id} stands at ${logIndex} in the log, not at ${index}`]),
      ...(equalBytes(rootOf(leaves), logRoot)
        ? []
        : [`the root of the log with window ${id} does not follow from its records`]),
    ];
  });
}

/** Nothing waits, nothing is under way, and nothing was given up: none of the faults tried costs a transaction. */
function auditAttempts(db: Database.Database): string[] {
  const count = (sql: string) => db.prepare<[], number>(`SELECT count(*) FROM ${sql}`).pluck().get() ?? 0;
  const waiting = count('unanchored');
  const other = count("attempts WHERE state <> 'final'");
  return [
    ...(waiting === 0 ? [] : [`${waiting} windows wait for an anchor`]),
    ...(other === 0 ? [] : [`${other} attempts are not final`]),
  ];
}

/** The root of a tree over these leaf hashes. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const levels: Nodes = [[...leaves]];
  for (let below = levels[0]!; below.length > 1; below = levels.at(-1)!) {
    levels.push(Array.from({ length: below.length >> 1 }, (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!)));
  }
  return treeRoot(leaves.length, (level, index) => levels[level]![index]!);
}

export interface ChainAudit {
  /** A line a window that stands on the chain. */
  windows: string[];
  transactions: number;
}

/** Every `Anchored` event of the contract from a block on. */
export async function readEvents(anvil: Anvil, contract: string, fromBlock = 0): Promise<ChainAudit> {
  const filter = {
    address: contract,
    fromBlock: `0x${fromBlock.toString(16)}`,
    toBlock: 'latest',
    topics: [ANCHORED_TOPIC],
  };
  const logs = (await anvil.rpc('eth_getLogs', filter)) as {
    transactionHash: string;
    topics: string[];
    data: string;
  }[];
  return {
    windows: logs.map(({ topics, data }) =>
      windowLine(Number(topics[1]), topics[2]!.slice(2), Number(data.slice(0, 66)), data.slice(66)),
    ),
    transactions: new Set(logs.map(({ transactionHash }) => transactionHash)).size,
  };
}

/** Holds the windows of a store against what stands on the chain: each once, and nothing else. */
export function auditChain(file: string, { windows }: ChainAudit): string[] {
  const db = new Database(file, { readonly: true });
  try {
    const rows = new Windows(db).list(Number.MAX_SAFE_INTEGER, 1_000_000);
    const stored = new Set(
      rows.map(({ id, closed }) =>
        closed === undefined
          ? `window ${id}`
          : windowLine(id, toHex(closed.root), closed.logIndex + 1, toHex(closed.logRoot)),
      ),
    );
    const times = new Map<string, number>();
    for (const line of windows) times.set(line, (times.get(line) ?? 0) + 1);
    return [
      ...[...stored].filter((line) => !times.has(line)).map((line) => `not on the chain: ${line}`),
      ...[...times]
        .filter(([line]) => !stored.has(line))
        .map(([line]) => `on the chain, and not in the store: ${line}`),
      ...[...times].filter(([, count]) => count > 1).map(([line, count]) => `${count} times on the chain: ${line}`),
    ];
  } finally {
    db.close();
  }
}

function windowLine(id: number, root: string, logSize: number, logRoot: string): string {
  return `window ${id}, root ${root}, log ${logSize} ${logRoot}`;
}
