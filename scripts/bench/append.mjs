// @ts-check
import { randomFillSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The yardstick for storing: better-sqlite3 with anchord's settings (WAL, every commit on disk) and one table that only grows, in a process of
// its own. Arguments: folder, seconds.

const anchord = fileURLToPath(new URL('../../packages/anchord/package.json', import.meta.url));
/** @type {any} */
const Database = createRequire(anchord)('better-sqlite3');

const [folder = '', seconds = '1'] = process.argv.slice(2);
const ADMITTED_BYTES = 48;
const digests = Buffer.alloc(16_384 * ADMITTED_BYTES);

/**
 * Digests a second.
 * @param {string} name
 * @param {number} digestsPerRow
 * @param {number} rowsPerCommit
 */
function measure(name, digestsPerRow, rowsPerCommit) {
  const db = new Database(join(folder, `${name}.db`));
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE rows (place INTEGER PRIMARY KEY, digests BLOB NOT NULL) STRICT');
  const insert = db.prepare('INSERT INTO rows VALUES (?, ?)');
  const rowBytes = digestsPerRow * ADMITTED_BYTES;
  let place = 0;
  const commit = db.transaction(() => {
    for (let row = 0; row < rowsPerCommit; row++, place += digestsPerRow)
      insert.run(place, digests.subarray(row * rowBytes, (row + 1) * rowBytes));
  });
  const start = performance.now();
  while (performance.now() - start < Number(seconds) * 1000) {
    randomFillSync(digests, 0, rowsPerCommit * rowBytes);
    commit();
  }
  const rate = (1000 * place) / (performance.now() - start);
  db.close();
  return rate;
}

process.once('disconnect', () => process.exit(1)); // the bench is gone
process.send?.({
  oneACommit: measure('one', 1, 1),
  thousandACommit: measure('thousand', 1, 1000),
  tenThousandInRuns: measure('runs', 250, 40),
});
