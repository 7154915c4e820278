import type Database from 'better-sqlite3';
import { ChronosError } from '@chronos/shared';

// Forward only: a migration that was released is never changed, a new one is added at the end.
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

  -- What was acknowledged: runs of digests that were committed together, appended in the order of their places.
  -- The place of a digest is its number in the order of admission; its leaf index is its place less its window's first.
  CREATE TABLE admissions (
    place       INTEGER PRIMARY KEY,   -- of the run's first digest
    window      INTEGER NOT NULL,
    received_at INTEGER NOT NULL,      -- Unix ms
    digests     BLOB NOT NULL          -- 48 bytes each: submitted (32) || salt (16)
  ) STRICT;

  CREATE TABLE windows (
    id          INTEGER PRIMARY KEY,   -- start, Unix s
    seconds     INTEGER NOT NULL,
    first_place INTEGER NOT NULL,
    -- set when the window's last digest is in: the dcrtime-style root of the others, or the only digest
    dcrtime_root BLOB,
    -- set together when the window closes
    closed_at   INTEGER,               -- Unix ms
    tree_size   INTEGER,
    root        BLOB UNIQUE,
    log_index   INTEGER UNIQUE,
    log_root    BLOB,                  -- of the log up to and with this window
    -- set when every required chain holds the root in a final block
    final_at    INTEGER                -- Unix ms
  ) STRICT;
  CREATE INDEX windows_unfinished ON windows (id) WHERE final_at IS NULL;

  -- Complete nodes of the log of windows (RFC 9162); level 0 holds the leaf hashes.
  CREATE TABLE log_nodes (
    level INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, idx)
  ) STRICT, WITHOUT ROWID;

  -- The closed windows that a chain still has to anchor.
  CREATE TABLE unanchored (
    chain  TEXT NOT NULL,
    window INTEGER NOT NULL REFERENCES windows (id),
    PRIMARY KEY (chain, window)
  ) STRICT, WITHOUT ROWID;

  -- Every transaction that was ever signed. The row is committed before the transaction is broadcast.
  CREATE TABLE attempts (
    chain          TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    contract       TEXT NOT NULL,
    account        TEXT NOT NULL,      -- that signed it: nonces are counted by account
    nonce          INTEGER NOT NULL,
    signed_bytes   BLOB NOT NULL,
    fee            TEXT NOT NULL,      -- the chain's own terms, as JSON
    state          TEXT NOT NULL CHECK (state IN ('signed', 'broadcast', 'included', 'final', 'failed')),
    reason         TEXT,               -- why it failed
    signed_at      INTEGER NOT NULL,   -- Unix ms
    broadcast_at   INTEGER,            -- of the last broadcast
    PRIMARY KEY (chain, transaction_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX attempts_unfinished ON attempts (chain, nonce) WHERE state IN ('signed', 'broadcast', 'included');

  -- The windows whose roots an attempt carries.
  CREATE TABLE attempt_windows (
    chain          TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    window         INTEGER NOT NULL REFERENCES windows (id),
    PRIMARY KEY (chain, transaction_id, window),
    FOREIGN KEY (chain, transaction_id) REFERENCES attempts (chain, transaction_id)
  ) STRICT, WITHOUT ROWID;

  -- Final anchors, one a window and chain: what proofs state.
  CREATE TABLE anchors (
    window         INTEGER NOT NULL REFERENCES windows (id),
    chain          TEXT NOT NULL,
    type           TEXT NOT NULL,
    contract       TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    block_number   INTEGER NOT NULL,
    block_hash     TEXT NOT NULL,
    block_time     INTEGER NOT NULL,   -- Unix ms
    PRIMARY KEY (window, chain)
  ) STRICT, WITHOUT ROWID;
  `,

  `
  -- 0: final after the window was, on a chain that is optional. A proof that was once complete never changes, so it does not state it.
  ALTER TABLE anchors ADD COLUMN in_proof INTEGER NOT NULL DEFAULT 1 CHECK (in_proof IN (0, 1));
  `,
];

/** The schema that this program works with. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the store to this program's schema. A store of a later one throws `store_unusable`. */
export function migrate(db: Database.Database): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > MIGRATIONS.length) {
    throw new ChronosError(
      'store_unusable',
      `the store has schema ${version}, this program knows up to ${MIGRATIONS.length}: it was written by a newer release, run that one`,
    );
  }
  if (version === 0 && db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get()! > 0) {
    throw new ChronosError('store_unusable', `${db.name} is a database of another program: name the folder of a store`);
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    db.transaction(() => {
      db.exec(MIGRATIONS[next]!);
      db.pragma(`user_version = ${next + 1}`);
    })();
  }
}
