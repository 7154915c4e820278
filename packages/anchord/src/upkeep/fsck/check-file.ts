import Database from 'better-sqlite3';
import { migrate, SCHEMA_VERSION } from '../../store/migrations.js';
import type { Db } from '../../store/store.js';
import type { Findings } from './findings.js';

const MAX_MESSAGES = 100;

/** SQLite's own look at its pages and references. */
export function checkFile(db: Db, findings: Findings): void {
  const messages = db.pragma(`integrity_check(${MAX_MESSAGES})`) as { integrity_check: string }[];
  for (const { integrity_check: message } of messages) {
    if (message === 'ok') continue;
    // An index holds nothing of its own.
    if (/ index /.test(message))
      findings.addMendable('file', 'chronos.db', message, 'makes the indexes of the tables anew', (db) =>
        db.exec('REINDEX'),
      );
    else findings.add('file', 'chronos.db', message, 'the file is damaged: restore a backup (anchord restore)');
  }
  for (const { table, rowid, parent } of db.pragma('foreign_key_check') as {
    table: string;
    rowid: number | null;
    parent: string;
  }[]) {
    findings.add(
      'file',
      `${table}${rowid === null ? '' : ` row ${rowid}`}`,
      `refers to a row of ${parent} that is not there`,
      'where the row is derived, what is told below mends it; else restore a backup (anchord restore)',
    );
  }
}

interface Item {
  type: string;
  name: string;
  sql: string;
}

/** Whether the tables are those that this program makes. */
export function checkSchema(db: Db, findings: Findings): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version !== SCHEMA_VERSION) {
    findings.add(
      'schema',
      'chronos.db',
      `has schema ${version}, not ${SCHEMA_VERSION}`,
      'start anchord once: it brings the store to its schema',
    );
    return;
  }
  const right = new Database(':memory:');
  migrate(right);
  const expected = itemsOf(right);
  right.close();
  const found = itemsOf(db);
  for (const [name, { type, sql }] of expected) {
    if (found.get(name)?.sql === sql) continue;
    const what = found.has(name) ? 'is not what this program makes' : 'is missing';
    if (type === 'index')
      findings.addMendable('schema', `index ${name}`, what, 'makes it', (db) => {
        db.exec(`DROP INDEX IF EXISTS ${name}`);
        db.exec(sql);
      });
    else findings.add('schema', `table ${name}`, what, 'restore a backup (anchord restore)');
  }
  for (const name of found.keys())
    if (!expected.has(name)) findings.note(`chronos.db has ${name}, which is none of ours`);
}

function itemsOf(db: Db): Map<string, Item> {
  const items = db
    .prepare<[], Item>("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .all();
  return new Map(items.map((item) => [item.name, item]));
}
