import { plainAddress, toHex } from '@chronos/shared';
import { readSignedAnchors, type SignedAnchors } from '../../chain/signed-anchors.js';
import type { Db } from '../../store/store.js';
import { requeue } from './check-anchors.js';
import type { Findings, Mend } from './findings.js';
import { pages } from './pages.js';

interface AttemptColumns {
  chain: string;
  transaction_id: string;
  contract: string;
  account: string;
  nonce: number;
  signed_bytes: Buffer;
  state: string;
  reason: string | null;
}

/** Null where the window is not there. */
interface Carried {
  id: number | null;
  root: Buffer | null;
  log_index: number | null;
  log_root: Buffer | null;
}

const PAGE = 200;
const DAMAGED = 'its signed bytes were damaged';

/** Signed transactions: the bytes against what is recorded of them, and their states against the anchors. */
export function checkAttempts(db: Db, findings: Findings): void {
  const select = db.prepare<[string, string], AttemptColumns>(
    `SELECT * FROM attempts WHERE (chain, transaction_id) > (?, ?) ORDER BY chain, transaction_id LIMIT ${PAGE}`,
  );
  const selectWindows = db.prepare<[string, string], Carried>(
    `SELECT w.id, w.root, w.log_index, w.log_root FROM attempt_windows a LEFT JOIN windows w ON w.id = a.window
      WHERE a.chain = ? AND a.transaction_id = ? ORDER BY a.window`,
  );
  const isAfter = (row: AttemptColumns, other: AttemptColumns) =>
    row.chain > other.chain || (row.chain === other.chain && row.transaction_id > other.transaction_id);
  for (const rows of pages<AttemptColumns>(
    (last) => select.all(last?.chain ?? '', last?.transaction_id ?? ''),
    isAfter,
  )) {
    for (const row of rows) checkAttempt(findings, row, selectWindows.all(row.chain, row.transaction_id));
  }
  checkNonces(db, findings);
  checkStates(db, findings);
}

function checkAttempt(findings: Findings, row: AttemptColumns, windows: Carried[]): void {
  const where = `attempt ${row.transaction_id} on ${row.chain}`;
  let signed: SignedAnchors;
  try {
    signed = readSignedAnchors(row.chain, row.signed_bytes);
    // A transaction that was changed by a bit is signed by nobody's account, or by a stranger's.
    if (!sameHex(row.account, signed.account) && !sameHex(row.transaction_id, signed.transactionId))
      throw new Error(`they are signed by ${signed.account}`);
  } catch (error) {
    tellDamagedBytes(findings, row, where, (error as Error).message);
    return;
  }
  const differences = [
    ...(row.chain === signed.chain ? [] : [`chain ${row.chain}`]),
    ...(row.transaction_id === signed.transactionId ? [] : [`transaction_id ${row.transaction_id}`]),
    ...(row.account === signed.account ? [] : [`account ${row.account}`]),
    ...(row.contract === signed.contract ? [] : [`contract ${row.contract}`]),
    ...(BigInt(row.nonce) === signed.nonce ? [] : [`nonce ${row.nonce}`]),
  ];
  const recorded = windows.flatMap(({ id }) => (id === null ? [] : [BigInt(id)])).join();
  const carried = signed.anchors
    .map(({ window }) => window)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join();
  if (recorded !== carried) differences.push(`windows ${recorded || 'none'}`);
  if (differences.length > 0) {
    const what = `its signed bytes do not say ${differences.join(', ')}`;
    findings.addMendable('attempts', where, what, 'records what they say', (db) => recordAsSigned(db, row, signed));
    return;
  }
  // What is wrong with windows and log is told there.
  if (findings.count('windows') + findings.count('log') > 0) return;
  for (const { window, root, logSize, logRoot } of signed.anchors) {
    const stored = windows.find(({ id }) => id !== null && BigInt(id) === window);
    const isSame =
      stored?.root &&
      stored.log_root &&
      toHex(stored.root) === root &&
      toHex(stored.log_root) === logRoot &&
      BigInt(stored.log_index ?? -1) + 1n === logSize;
    if (!isSame)
      findings.add(
        'attempts',
        where,
        `anchors window ${window} with another root or place in the log than the store has`,
        'the window or the log is damaged: see what is told of them; else restore a backup (anchord restore)',
      );
  }
}

function tellDamagedBytes(findings: Findings, row: AttemptColumns, where: string, why: string): void {
  const what = `its signed bytes are damaged: ${why}`;
  const isSettled = row.state === 'final' || row.state === 'failed';
  if (isSettled && row.reason === DAMAGED) {
    findings.note(`${where}: ${DAMAGED}; it is settled, and nothing needs them any more`);
    return;
  }
  const settle = (db: Db) =>
    db
      .prepare(
        `UPDATE attempts SET reason = ?, state = iif(state = 'final', 'final', 'failed') WHERE chain = ? AND transaction_id = ?`,
      )
      .run(DAMAGED, row.chain, row.transaction_id);
  // Safe though it may be on its way: its nonce is taken by one transaction alone, and the contract is asked for the roots first.
  const mend = isSettled
    ? 'notes that with it: it is settled, and nothing needs them any more'
    : 'gives it up: its windows are signed anew, or found on the chain';
  findings.addMendable('attempts', where, what, mend, settle);
}

function recordAsSigned(db: Db, row: AttemptColumns, signed: SignedAnchors): void {
  const { chain, transactionId: id, account, contract, nonce, anchors } = signed;
  db.prepare(
    'DELETE FROM attempt_windows WHERE (chain = ? AND transaction_id = ?) OR (chain = ? AND transaction_id = ?)',
  ).run(row.chain, row.transaction_id, chain, id);
  db.prepare(
    'UPDATE attempts SET chain = ?, transaction_id = ?, account = ?, contract = ?, nonce = ? WHERE chain = ? AND transaction_id = ?',
  ).run(...[chain, id, account, contract, nonce], ...[row.chain, row.transaction_id]);
  const insert = db.prepare(
    'INSERT OR IGNORE INTO attempt_windows (chain, transaction_id, window) SELECT ?, ?, id FROM windows WHERE id = ?',
  );
  for (const { window } of anchors) insert.run(chain, id, window);
}

/** Two finished transactions cannot have used one nonce. */
function checkNonces(db: Db, findings: Findings): void {
  const rows = db
    .prepare<[], { chain: string; account: string; nonce: number }>(
      `SELECT chain, account, nonce FROM attempts WHERE state = 'final' GROUP BY chain, account, nonce HAVING count(*) > 1 LIMIT 100`,
    )
    .all();
  for (const { chain, account, nonce } of rows)
    findings.add(
      'attempts',
      `nonce ${nonce} of ${account} on ${chain}`,
      'is used by two final transactions',
      'run anchord fsck with the chain, which tells which of them is there',
    );
}

function checkStates(db: Db, findings: Findings): void {
  const rows = (sql: string) =>
    db
      .prepare<[], { chain: string; transaction_id: string }>(
        `SELECT chain, transaction_id FROM attempts a WHERE ${sql} LIMIT 1000`,
      )
      .all();
  const set =
    (state: string, chain: string, id: string): Mend =>
    (db) =>
      db
        .prepare('UPDATE attempts SET state = ?, reason = NULL WHERE chain = ? AND transaction_id = ?')
        .run(state, chain, id);
  const ANCHORED = 'EXISTS (SELECT 1 FROM anchors WHERE chain = a.chain AND transaction_id = a.transaction_id)';
  for (const { chain, transaction_id: id } of rows(`state <> 'final' AND ${ANCHORED}`))
    findings.addMendable(
      'attempts',
      `attempt ${id} on ${chain}`,
      'is not final, and an anchor names it',
      'makes it final',
      set('final', chain, id),
    );
  // The daemon looks at it again, and finds it final on the chain or not.
  for (const { chain, transaction_id: id } of rows(`state = 'final' AND NOT ${ANCHORED}`))
    findings.addMendable(
      'attempts',
      `attempt ${id} on ${chain}`,
      'is final, and no anchor names it',
      'lets anchord look for it on the chain again',
      (db) => {
        set('included', chain, id)(db);
        const windows = db
          .prepare<[string, string], number>(
            'SELECT window FROM attempt_windows WHERE chain = ? AND transaction_id = ?',
          )
          .pluck()
          .all(chain, id);
        for (const window of windows) requeue(db, window, chain);
      },
    );
}

function sameHex(a: string, b: string): boolean {
  return plainAddress(a) === plainAddress(b);
}
