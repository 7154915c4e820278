import { anchorSchema, isoTime } from '@chronos/shared';
import type { Db } from '../../store/store.js';
import { pages } from './pages.js';
import { type Findings, type Mend, RESTORE } from './findings.js';

interface AnchorColumns {
  window: number;
  chain: string;
  type: string;
  contract: string;
  transaction_id: string;
  block_number: number;
  block_hash: string;
  block_time: number;
  in_proof: number;
}

const PAGE = 1000;
const ADOPT =
  'lets the window wait for its anchor again: at the next start what the contract has is found and taken over, not paid for twice';

/** Anchors against the windows they make final, and against the queue of those that wait. The chain is asked elsewhere. */
export function checkAnchors(db: Db, findings: Findings, nowMs: number): void {
  checkRows(db, findings);
  checkQueue(db, findings);
  checkFinality(db, findings, nowMs);
}

function checkRows(db: Db, findings: Findings): void {
  const select = db.prepare<[number, string], AnchorColumns>(
    `SELECT * FROM anchors WHERE (window, chain) > (?, ?) ORDER BY window, chain LIMIT ${PAGE}`,
  );
  const isAfter = (row: AnchorColumns, other: AnchorColumns) =>
    row.window > other.window || (row.window === other.window && row.chain > other.chain);
  for (const rows of pages<AnchorColumns>((last) => select.all(last?.window ?? -1, last?.chain ?? ''), isAfter)) {
    for (const row of rows) {
      const { window, chain, type, contract, transaction_id: transaction } = row;
      const isTime = Number.isSafeInteger(row.block_time) && Math.abs(row.block_time) <= 8.64e15;
      const block = { number: row.block_number, hash: row.block_hash, time: isTime ? isoTime(row.block_time) : '' };
      const { success, error } = anchorSchema.safeParse({ type, chain, contract, transaction, block });
      if (success) {
        checkSpelling(findings, row);
        continue;
      }
      findings.addMendable(
        'anchors',
        `anchor of window ${window} on ${chain}`,
        `is not well-formed: ${error.issues[0]?.message ?? ''} (${error.issues[0]?.path.join('.') ?? ''})`,
        ADOPT,
        (db) => {
          requeue(db, window, chain);
        },
      );
    }
  }
}

/** Proofs state these as they stand; on the EVM we write them in lower case. */
function checkSpelling(findings: Findings, { window, chain, type, ...row }: AnchorColumns): void {
  const stated = [row.contract, row.transaction_id, row.block_hash].join();
  if (type !== 'zilliqa-evm' || stated === stated.toLowerCase()) return;
  const where = `anchor of window ${window} on ${chain}`;
  findings.addMendable('anchors', where, 'has upper-case letters', 'makes them lower-case', (db) =>
    db
      .prepare(
        `UPDATE anchors SET contract = lower(contract), transaction_id = lower(transaction_id), block_hash = lower(block_hash)
          WHERE window = ? AND chain = ?`,
      )
      .run(window, chain),
  );
}

/** Takes an anchor back into the queue: the daemon asks the contract before it signs anything. */
export function requeue(db: Db, window: number, chain: string): void {
  db.prepare('DELETE FROM anchors WHERE window = ? AND chain = ?').run(window, chain);
  db.prepare('INSERT OR IGNORE INTO unanchored (chain, window) VALUES (?, ?)').run(chain, window);
  db.prepare('UPDATE windows SET final_at = NULL WHERE id = ?').run(window);
}

function checkQueue(db: Db, findings: Findings): void {
  const rows = (sql: string) => db.prepare<[], { chain: string; window: number }>(`${sql} LIMIT 1000`).all();
  const drop =
    (chain: string, window: number): Mend =>
    (db) =>
      db.prepare('DELETE FROM unanchored WHERE chain = ? AND window = ?').run(chain, window);
  for (const { chain, window } of rows('SELECT chain, window FROM unanchored JOIN anchors USING (chain, window)'))
    findings.addMendable(
      'anchors',
      `unanchored window ${window} on ${chain}`,
      'has its anchor already',
      'takes it out of the queue',
      drop(chain, window),
    );
  for (const { chain, window } of rows(
    'SELECT chain, window FROM unanchored u WHERE NOT EXISTS (SELECT 1 FROM windows WHERE id = u.window AND closed_at IS NOT NULL)',
  ))
    findings.addMendable(
      'anchors',
      `unanchored window ${window} on ${chain}`,
      'is not a closed window',
      'takes it out of the queue',
      drop(chain, window),
    );
  const waiting = `SELECT w.id AS window, c.chain FROM windows w,
      (SELECT chain FROM anchors UNION SELECT chain FROM unanchored UNION SELECT chain FROM attempts) c
      WHERE w.closed_at IS NOT NULL AND w.final_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM anchors WHERE window = w.id AND chain = c.chain)
        AND NOT EXISTS (SELECT 1 FROM unanchored WHERE window = w.id AND chain = c.chain)`;
  for (const { chain, window } of rows(waiting))
    findings.addMendable(
      'anchors',
      `window ${window}`,
      `waits for ${chain} and is not queued for it`,
      'queues it',
      (db) => db.prepare('INSERT OR IGNORE INTO unanchored (chain, window) VALUES (?, ?)').run(chain, window),
    );
}

function checkFinality(db: Db, findings: Findings, nowMs: number): void {
  const ids = (sql: string) =>
    db.prepare<[], number>(`SELECT id FROM windows w WHERE ${sql} ORDER BY id LIMIT 1000`).pluck().all();
  for (const id of ids(
    'final_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM anchors WHERE window = w.id AND in_proof = 1)',
  )) {
    const late = db.prepare<[number], string>('SELECT chain FROM anchors WHERE window = ?').pluck().all(id);
    const chains = db.prepare<[], string>('SELECT chain FROM anchors UNION SELECT chain FROM attempts').pluck().all();
    if (late.length > 0)
      findings.addMendable(
        'anchors',
        `window ${id}`,
        'is final, and none of its anchors is in its proofs',
        'puts them in',
        (db) => db.prepare('UPDATE anchors SET in_proof = 1 WHERE window = ?').run(id),
      );
    else if (chains.length > 0)
      findings.addMendable('anchors', `window ${id}`, 'is final without an anchor', ADOPT, (db) => {
        for (const chain of chains) requeue(db, id, chain);
      });
    else findings.add('anchors', `window ${id}`, 'is final without an anchor', RESTORE);
  }
  for (const id of ids(
    `final_at IS NULL AND EXISTS (SELECT 1 FROM anchors WHERE window = w.id)
       AND NOT EXISTS (SELECT 1 FROM unanchored WHERE window = w.id)`,
  ))
    findings.addMendable('anchors', `window ${id}`, 'has every anchor and is not final', 'makes it final', (db) =>
      db.prepare('UPDATE windows SET final_at = ? WHERE id = ?').run(nowMs, id),
    );
  for (const id of ids('final_at IS NULL AND EXISTS (SELECT 1 FROM anchors WHERE window = w.id AND in_proof = 0)'))
    findings.addMendable(
      'anchors',
      `window ${id}`,
      'is not final, and has an anchor that came later than that',
      'puts it into the proofs',
      (db) => db.prepare('UPDATE anchors SET in_proof = 1 WHERE window = ?').run(id),
    );
}
