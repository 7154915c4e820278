import { type Anchor, isoTime } from '@chronos/shared';
import type { Store } from './store.js';

export type AttemptState = 'signed' | 'broadcast' | 'included' | 'final' | 'failed';

/** A signed transaction that carries the roots of `windows` (ascending). */
export interface Attempt {
  chain: string;
  transactionId: string;
  contract: string;
  /** That signed it; nonces are counted by account. */
  account: string;
  nonce: bigint;
  signedBytes: Uint8Array;
  /** The chain adapter's own terms; what it needs to make a dearer replacement. */
  fee: string;
  state: AttemptState;
  reason?: string;
  signedAtMs: number;
  broadcastAtMs?: number;
  windows: number[];
}

/** A closed window's root and its place in the log: what an anchor writes on the chain. */
export interface ClosedWindow {
  id: number;
  root: Uint8Array;
  /** The log's size and root up to and with this window. */
  logSize: number;
  logRoot: Uint8Array;
}

/** What anchoring records. Each method is one transaction, durable once it returns; `record…` methods throw rather than record twice. */
export interface AnchorStore {
  /** The closed windows that this chain has still to anchor, oldest first. */
  findUnanchored(chain: string, limit: number): ClosedWindow[];
  countUnanchored(chain: string): number;
  /** Attempts that may still come onto the chain, by nonce, then by age. */
  findUnfinishedAttempts(chain: string): Attempt[];
  /** The highest nonce that this account ever signed for this chain, whatever became of it. */
  findHighestNonce(chain: string, account: string): bigint | undefined;
  recordSigned(attempt: Omit<Attempt, 'state' | 'reason' | 'broadcastAtMs'>): void;
  recordBroadcast(chain: string, transactionId: string, atMs: number): void;
  recordState(chain: string, transactionId: string, state: 'included' | 'broadcast'): void;
  recordFailed(chain: string, transactionId: string, reason: string): void;
  /**
   * The anchor of `windows` is final: it is recorded for each, each leaves `unanchored`, and a window that no required chain has still to
   * anchor becomes final. The attempt of this transaction, where we have one, becomes final. Returns the windows that became final.
   */
  recordFinal(anchor: Anchor, windows: readonly number[], requiredChains: readonly string[], atMs: number): number[];
  /**
   * At the start, for the chains may be others than they were: each closed window that is not final waits for every chain that has it not,
   * and is final where no required chain has still to anchor it. Returns the windows that became final.
   */
  recordChains(chains: readonly string[], requiredChains: readonly string[], atMs: number): number[];
  /** Whether the operator has paused this chain; kept over restarts. */
  isPaused(chain: string): boolean;
  recordPaused(chain: string, paused: boolean): void;
  /** What the window's proofs state: the anchors that were final when the window became so. A later one does not change a proof. */
  findAnchors(window: number): Anchor[];
}

interface AttemptRow {
  chain: string;
  transaction_id: string;
  contract: string;
  account: string;
  nonce: number;
  signed_bytes: Buffer;
  fee: string;
  state: AttemptState;
  reason: string | null;
  signed_at: number;
  broadcast_at: number | null;
}

interface AnchorRow {
  chain: string;
  type: Anchor['type'];
  contract: string;
  transaction_id: string;
  block_number: number;
  block_hash: string;
  block_time: number;
}

export function openAnchorStore(store: Store): AnchorStore {
  const sql = prepareStatements(store.db);

  const toAttempt = (row: AttemptRow): Attempt => ({
    chain: row.chain,
    transactionId: row.transaction_id,
    contract: row.contract,
    account: row.account,
    nonce: BigInt(row.nonce),
    signedBytes: row.signed_bytes,
    fee: row.fee,
    state: row.state,
    ...(row.reason === null ? {} : { reason: row.reason }),
    signedAtMs: row.signed_at,
    ...(row.broadcast_at === null ? {} : { broadcastAtMs: row.broadcast_at }),
    windows: sql.attemptWindows.all(row.chain, row.transaction_id),
  });

  return {
    findUnanchored: (chain, limit) => sql.unanchored.all(chain, limit),
    countUnanchored: (chain) => sql.countUnanchored.get(chain) ?? 0,
    findUnfinishedAttempts: (chain) => store.transaction(() => sql.unfinished.all(chain).map(toAttempt)),
    findHighestNonce(chain, account) {
      const nonce = sql.highestNonce.get(chain, account);
      return nonce === undefined || nonce === null ? undefined : BigInt(nonce);
    },
    recordSigned: (attempt) =>
      store.transaction(() => {
        if (attempt.windows.length === 0) throw new Error('an attempt carries at least one window');
        const { chain, transactionId, contract, account, nonce, signedBytes, fee, signedAtMs } = attempt;
        sql.insertAttempt.run(chain, transactionId, contract, account, nonce, signedBytes, fee, signedAtMs);
        for (const window of attempt.windows) sql.insertAttemptWindow.run(chain, transactionId, window);
      }),
    recordBroadcast: (chain, transactionId, atMs) =>
      store.transaction(() => expectOne(sql.setBroadcast.run(atMs, chain, transactionId), transactionId)),
    recordState: (chain, transactionId, state) =>
      store.transaction(() => expectOne(sql.setState.run(state, chain, transactionId), transactionId)),
    recordFailed: (chain, transactionId, reason) =>
      store.transaction(() => expectOne(sql.setFailed.run(reason, chain, transactionId), transactionId)),
    recordFinal: (anchor, windows, requiredChains, atMs) =>
      store.transaction(() => {
        sql.setFinal.run(anchor.chain, anchor.transaction);
        const required = JSON.stringify(requiredChains);
        return windows.filter((window) => {
          const { type, chain, contract, transaction, block } = anchor;
          const { number, hash } = block;
          const timeMs = Date.parse(block.time);
          sql.insertAnchor.run({ window, chain, type, contract, transaction, number, hash, timeMs });
          if (sql.dequeue.run(chain, window).changes !== 1)
            throw new Error(`window ${window} has no anchor to come on ${chain}`);
          return sql.setWindowFinal.run({ atMs, window, required }).changes === 1;
        });
      }),
    recordChains: (chains, requiredChains, atMs) =>
      store.transaction(() => {
        for (const chain of chains) sql.queueMissing.run({ chain });
        if (requiredChains.length === 0) return [];
        const required = JSON.stringify(requiredChains);
        return sql.unfinishedWindows
          .all()
          .filter((window) => sql.setWindowFinal.run({ atMs, window, required }).changes === 1);
      }),
    isPaused: (chain) => sql.paused.get(pauseName(chain)) !== undefined,
    recordPaused(chain, paused) {
      if (paused) sql.pause.run(pauseName(chain));
      else sql.resume.run(pauseName(chain));
    },
    findAnchors: (window) =>
      sql.anchors.all(window).map((row) => ({
        type: row.type,
        chain: row.chain,
        contract: row.contract,
        transaction: row.transaction_id,
        block: { number: row.block_number, hash: row.block_hash, time: isoTime(row.block_time) },
      })),
  };
}

function prepareStatements(db: Store['db']) {
  const UNFINISHED = `state IN ('signed', 'broadcast', 'included')`;
  return {
    unanchored: db.prepare<[string, number], ClosedWindow>(
      `SELECT w.id, w.root, w.log_index + 1 AS logSize, w.log_root AS logRoot
         FROM unanchored u JOIN windows w ON w.id = u.window WHERE u.chain = ? ORDER BY u.window LIMIT ?`,
    ),
    countUnanchored: db.prepare<[string], number>('SELECT count(*) FROM unanchored WHERE chain = ?').pluck(),
    unfinished: db.prepare<[string], AttemptRow>(
      `SELECT * FROM attempts WHERE chain = ? AND ${UNFINISHED} ORDER BY nonce, signed_at, transaction_id`,
    ),
    attemptWindows: db
      .prepare<[string, string], number>(
        'SELECT window FROM attempt_windows WHERE chain = ? AND transaction_id = ? ORDER BY window',
      )
      .pluck(),
    highestNonce: db
      .prepare<[string, string], number | null>('SELECT max(nonce) FROM attempts WHERE chain = ? AND account = ?')
      .pluck(),
    insertAttempt: db.prepare(
      `INSERT INTO attempts (chain, transaction_id, contract, account, nonce, signed_bytes, fee, state, signed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'signed', ?)`,
    ),
    insertAttemptWindow: db.prepare('INSERT INTO attempt_windows (chain, transaction_id, window) VALUES (?, ?, ?)'),
    // A final or failed attempt is history: none of these changes it.
    setBroadcast: db.prepare(
      `UPDATE attempts SET broadcast_at = ?, state = iif(state = 'signed', 'broadcast', state)
        WHERE chain = ? AND transaction_id = ? AND ${UNFINISHED}`,
    ),
    setState: db.prepare(`UPDATE attempts SET state = ? WHERE chain = ? AND transaction_id = ? AND ${UNFINISHED}`),
    setFailed: db.prepare(
      `UPDATE attempts SET state = 'failed', reason = ? WHERE chain = ? AND transaction_id = ? AND ${UNFINISHED}`,
    ),
    // Of whatever state: a transaction that was given up and is in a final block after all was not a failure.
    setFinal: db.prepare(`UPDATE attempts SET state = 'final', reason = NULL WHERE chain = ? AND transaction_id = ?`),
    insertAnchor: db.prepare(
      `INSERT INTO anchors (window, chain, type, contract, transaction_id, block_number, block_hash, block_time, in_proof)
       SELECT id, @chain, @type, @contract, @transaction, @number, @hash, @timeMs, final_at IS NULL
         FROM windows WHERE id = @window`,
    ),
    dequeue: db.prepare('DELETE FROM unanchored WHERE chain = ? AND window = ?'),
    setWindowFinal: db.prepare(
      `UPDATE windows SET final_at = @atMs WHERE id = @window AND final_at IS NULL AND closed_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM json_each(@required) required
                           WHERE NOT EXISTS (SELECT 1 FROM anchors a WHERE a.window = @window AND a.chain = required.value))`,
    ),
    unfinishedWindows: db
      .prepare<[], number>('SELECT id FROM windows WHERE final_at IS NULL AND closed_at IS NOT NULL ORDER BY id')
      .pluck(),
    queueMissing: db.prepare(
      `INSERT OR IGNORE INTO unanchored (chain, window)
         SELECT @chain, id FROM windows w WHERE final_at IS NULL AND closed_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM anchors a WHERE a.window = w.id AND a.chain = @chain)`,
    ),
    paused: db.prepare<[string]>('SELECT 1 FROM meta WHERE name = ?'),
    pause: db.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES (?, x'01')"),
    resume: db.prepare('DELETE FROM meta WHERE name = ?'),
    anchors: db.prepare<[number], AnchorRow>('SELECT * FROM anchors WHERE window = ? AND in_proof = 1 ORDER BY chain'),
  };
}

function pauseName(chain: string): string {
  return `paused ${chain}`;
}

function expectOne({ changes }: { changes: number }, transactionId: string): void {
  if (changes !== 1) throw new Error(`there is no unfinished attempt ${transactionId}`);
}
