import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { openAnchorStore } from '../../store/anchors.js';
import { type Db, openStore, storeFileIn } from '../../store/store.js';
import { type Bench, CHAIN, openBench } from '../../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../../test-support/anvil.js';
import { type LiveStore, liveStore } from '../../test-support/live-store.js';
import { temporaryFolder } from '../../test-support/temporary.js';
import type { Check } from './findings.js';
import { fsck, type FsckOptions, type FsckReport } from './fsck.js';

let anvil: Anvil;
let bench: Bench;
let temporary: ReturnType<typeof temporaryFolder>;
/** A store as it is in the middle of its life: final windows of two transactions, one on its way, one open. Only copies of it are damaged. */
let sound: LiveStore;
let folder: string;

beforeAll(async () => {
  anvil = await startAnvil();
  bench = await openBench(anvil);
  temporary = temporaryFolder();
  sound = liveStore(bench, join(temporary.folder, 'sound'));
  await sound.close(1, 2, 17, 600);
  await sound.anchor();
  await sound.close(40, 3);
  await sound.anchor();
  await sound.close(5);
  const store = openStore(sound.folder);
  await bench.step({ store: openAnchorStore(store) }).run(); // signed and sent, in no block yet
  store.close();
  await sound.open(4);
  await sound.open(2);
});

afterAll(async () => {
  bench.dispose();
  await anvil.stop();
  temporary.remove();
});

beforeEach(() => {
  folder = join(temporary.folder, 'damaged');
  cpSync(sound.folder, folder, { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function check(options: Partial<FsckOptions> = {}): Promise<FsckReport> {
  return fsck({ folder, clock: bench.clock, ...options });
}

const withChain = { chains: { rpcUrlsOf: () => [anvil.url], fromWindow: 0 } };

function damage(sql: string, file = storeFileIn(folder)): void {
  const db = new Database(file);
  try {
    db.pragma('foreign_keys = OFF');
    db.exec(sql);
  } finally {
    db.close();
  }
}

const WINDOW = '(SELECT id FROM windows WHERE tree_size > 500)';
/** Where its digests begin. */
const FIRST = `(SELECT first_place FROM windows WHERE id = ${WINDOW})`;
const changed = (column: string) => `randomblob(length(${column}))`;

test('a store in the middle of its life is clean, offline and with the chain', async () => {
  expect(await check(withChain)).toMatchObject({ faults: [], faultCount: 0, mended: [], notes: [], digests: 680 });
  expect(await check()).not.toHaveProperty('unchecked');
});

test('one state of a store that is in use can be looked at, and is not mended', async () => {
  await sound.run(async () => {
    await expect(check({ folder: sound.folder })).rejects.toMatchObject({
      code: 'store_unusable',
      message: /another anchord/,
    });
    expect(await check({ folder: sound.folder, online: true })).toMatchObject({ faults: [] });
    await expect(check({ folder: sound.folder, online: true, fix: true })).rejects.toMatchObject({
      message: /not mended/,
    });
  });
});

describe('what is derived is told and mended', () => {
  test.each<[Check, string, string]>([
    ['schema', 'an index', 'DROP INDEX attempts_unfinished'],
    ['windows', 'where a window begins', `UPDATE windows SET first_place = first_place + 1 WHERE id = ${WINDOW}`],
    ['windows', 'a root', `UPDATE windows SET root = ${changed('root')} WHERE id = ${WINDOW}`],
    ['windows', 'a size', `UPDATE windows SET tree_size = tree_size - 1 WHERE id = ${WINDOW}`],
    [
      'windows',
      'the dcrtime root',
      `UPDATE windows SET dcrtime_root = ${changed('dcrtime_root')} WHERE id = ${WINDOW}`,
    ],
    ['windows', 'a dcrtime root that is gone', `UPDATE windows SET dcrtime_root = NULL WHERE id = ${WINDOW}`],
    ['windows', 'the time of closing', `UPDATE windows SET closed_at = NULL WHERE id = ${WINDOW}`],
    [
      'windows',
      'the window of some digests',
      `UPDATE admissions SET window = window + 1 WHERE place = (SELECT max(place) FROM admissions WHERE window = ${WINDOW})`,
    ],
    [
      'windows',
      'the window of digests in the open window',
      'UPDATE admissions SET window = window + 1 WHERE place = (SELECT max(place) FROM admissions)',
    ],
    ['log', 'a root of the log', `UPDATE windows SET log_root = ${changed('log_root')} WHERE id = ${WINDOW}`],
    ['log', 'a place in the log', `UPDATE windows SET log_index = 77 WHERE id = ${WINDOW}`],
    ['log', 'a leaf of the log', `UPDATE log_nodes SET hash = ${changed('hash')} WHERE level = 0 AND idx = 3`],
    ['log', 'a node of the log', `UPDATE log_nodes SET hash = ${changed('hash')} WHERE level = 1 AND idx = 0`],
    ['log', 'a node that is missing', 'DELETE FROM log_nodes WHERE level = 2'],
    ['log', 'all nodes', 'DELETE FROM log_nodes'],
    ['log', 'a node too many', 'INSERT INTO log_nodes VALUES (9, 1, randomblob(32))'],
    ['anchors', 'a window that is not queued', 'DELETE FROM unanchored'],
    ['anchors', 'a final window that is queued', `INSERT INTO unanchored VALUES ('${CHAIN}', ${WINDOW})`],
    ['anchors', 'an open window that is queued', `INSERT INTO unanchored SELECT '${CHAIN}', max(id) FROM windows`],
    ['anchors', 'a lost anchor', `DELETE FROM anchors WHERE window = ${WINDOW}`],
    ['anchors', 'a letter of a hash', `UPDATE anchors SET block_hash = '0x' || upper(substr(block_hash, 3))`],
    ['anchors', 'an anchor of no kind', `UPDATE anchors SET type = 'zilliqa-evn' WHERE window = ${WINDOW}`],
    [
      'anchors',
      'an anchor with half a hash',
      `UPDATE anchors SET block_hash = substr(block_hash, 1, 40) WHERE window = ${WINDOW}`,
    ],
    [
      'anchors',
      'a window that is not final though anchored',
      `UPDATE windows SET final_at = NULL WHERE id = ${WINDOW}`,
    ],
    ['anchors', 'an anchor left out of the proofs', `UPDATE anchors SET in_proof = 0 WHERE window = ${WINDOW}`],
    ['attempts', 'a nonce', `UPDATE attempts SET nonce = nonce + 64 WHERE state = 'final'`],
    ['attempts', 'a contract', `UPDATE attempts SET contract = replace(contract, '0x', '0y')`],
    ['attempts', 'an account', `UPDATE attempts SET account = replace(account, substr(account, 9, 1), 'g')`],
    [
      'attempts',
      'a window that it does not carry',
      `INSERT INTO attempt_windows SELECT chain, transaction_id, (SELECT max(id) FROM windows) FROM attempts WHERE state = 'broadcast'`,
    ],
    ['attempts', 'windows that it carries', 'DELETE FROM attempt_windows'],
    [
      'attempts',
      'the bytes of final ones',
      `UPDATE attempts SET signed_bytes = ${changed('signed_bytes')} WHERE state = 'final'`,
    ],
    [
      'attempts',
      'the bytes of one that is on its way',
      `UPDATE attempts SET signed_bytes = ${changed('signed_bytes')} WHERE state = 'broadcast'`,
    ],
    ['attempts', 'the state of one that is final', `UPDATE attempts SET state = 'failed' WHERE state = 'final'`],
    ['attempts', 'the state of one that is not', `UPDATE attempts SET state = 'final' WHERE state = 'broadcast'`],
    ['index', 'the key of the index', `UPDATE meta SET value = randomblob(7) WHERE name = 'index secret'`],
    ['index', 'another key of the index', `UPDATE meta SET value = randomblob(8) WHERE name = 'index secret'`],
  ])('%s: %s', async (checkName, _what, sql) => {
    damage(sql);
    const { faults } = await check();
    expect(faults.map(({ check: name }) => name)).toContain(checkName);
    expect(faults.filter(({ mend }) => mend === undefined)).toEqual([]);
    const { mended, faults: left } = await check({ fix: true });
    expect(left).toEqual([]);
    expect(mended.map(({ check: name }) => name)).toContain(checkName);
    expect((await check()).faults).toEqual([]);
  });

  test.each<[string, string]>([
    ['rows of the digest index', 'DELETE FROM digest_index WHERE place % 50 = 3'],
    ['a place in the digest index', 'UPDATE digest_index SET place = 5000 WHERE place = 30'],
    ['two places that changed their digests', 'UPDATE digest_index SET place = 71 - place WHERE place IN (35, 36)'],
    ['a key of the digest index', 'UPDATE digest_index SET key = key + 1 WHERE place = 30'],
    ['a tile', `UPDATE tiles SET hashes = ${changed('hashes')} WHERE level = 1 AND idx = 1`],
    ['a tile that is missing', 'DELETE FROM tiles WHERE level = 2'],
    ['a tile too many', 'INSERT INTO tiles SELECT window, 7, 7, hashes FROM tiles LIMIT 1'],
    ['the number of digests', 'UPDATE indexed_windows SET digests = digests + 1 WHERE digests > 500'],
    ['the root of the log with a window', 'UPDATE indexed_windows SET log_root = randomblob(32) WHERE digests > 500'],
    ['a version', 'PRAGMA user_version = 7'],
    ['the store that it belongs to', 'UPDATE origin SET store = randomblob(32)'],
  ])('index.db: %s', async (_what, sql) => {
    damage(sql, join(folder, 'index.db'));
    const { faults } = await check();
    expect(faults.map(({ check: name }) => name)).toContain('index');
    const { faults: left } = await check({ fix: true });
    expect(left).toEqual([]);
    expect((await check()).faults).toEqual([]);
  });

  test('an index.db that is missing or lacks a window is no fault, and said', async () => {
    damage('DELETE FROM indexed_windows WHERE digests > 500', join(folder, 'index.db'));
    expect((await check()).notes).toEqual([expect.stringContaining('not in index.db yet')]);
    rmSync(join(folder, 'index.db'));
    expect(await check()).toMatchObject({ faults: [], notes: [expect.stringContaining('there is no index.db')] });
  });

  test('after mending, what was lost of anchoring is found on the chain and not paid for again', async () => {
    const paid = await bench.paid();
    damage(`DELETE FROM anchors; DELETE FROM attempt_windows WHERE window = ${WINDOW}`);
    expect((await check({ fix: true })).faults).toEqual([]);
    await liveStore(bench, folder).anchor();
    expect(await check(withChain)).toMatchObject({ faults: [] });
    expect(await bench.paid()).toBe(paid + 1); // the window that was on its way
  });
});

describe('what stands nowhere else is told, and left', () => {
  test.each<[Check, string, string]>([
    [
      'windows',
      'a digest',
      `UPDATE admissions SET digests = ${changed('digests')} WHERE place = (SELECT first_place FROM windows WHERE id = ${WINDOW})`,
    ],
    [
      'windows',
      'digests that are gone',
      'DELETE FROM admissions WHERE place = (SELECT max(place) FROM admissions WHERE place < 500)',
    ],
    [
      'windows',
      'digests cut off',
      'UPDATE admissions SET digests = substr(digests, 1, 100) WHERE length(digests) > 500',
    ],
    ['windows', 'a time that is none', 'UPDATE admissions SET received_at = -5 WHERE place = 3'],
    ['windows', 'a place', 'UPDATE admissions SET place = 100000 WHERE place = 3'],
    ['windows', 'a window that is gone', `DELETE FROM windows WHERE id = ${WINDOW}`],
    ['windows', 'a window of another id', `UPDATE windows SET id = id + 1 WHERE id = ${WINDOW}`],
    ['windows', 'the length of a window', `UPDATE windows SET seconds = -1 WHERE id = ${WINDOW}`],
    ['schema', 'a table', 'DROP TABLE log_nodes'],
  ])('%s: %s', async (checkName, _what, sql) => {
    damage(sql);
    const { faults } = await check();
    expect(faults.filter(({ check: name, advice }) => name === checkName && advice !== undefined)).not.toEqual([]);
    const { faults: left } = await check({ fix: true });
    expect(left.filter(({ check: name, advice }) => name === checkName && advice !== undefined)).not.toEqual([]);
  });

  test('a root that nothing confirms is not made right by what is wrong: the log is left, too', async () => {
    damage(`UPDATE admissions SET digests = ${changed('digests')} WHERE place = ${FIRST}; DELETE FROM log_nodes`);
    const { faults } = await check({ fix: true });
    expect(faults.filter(({ check: name, mend }) => name === 'log' && mend !== undefined)).toEqual([]);
  });

  test('a file that is no database', async () => {
    writeFileSync(storeFileIn(folder), 'nothing of the kind');
    expect((await check()).faults).toEqual([expect.objectContaining({ check: 'file', where: 'chronos.db' })]);
  });
});

describe('a store that cannot be looked at', () => {
  test('is one of a newer release', async () => {
    damage('PRAGMA user_version = 99');
    await expect(check()).rejects.toMatchObject({ code: 'store_unusable', message: /newer release/ });
  });

  test('is none', async () => {
    await expect(check({ folder: temporary.folder })).rejects.toMatchObject({ message: /there is no store/ });
  });
});

describe('with the chain', () => {
  test.each<[string, string]>([
    ['block_time', 'block_time + 1000'],
    ['block_number', 'block_number + 1'],
    ['block_hash', `'0x' || lower(hex(randomblob(32)))`],
    ['contract', `'0x' || lower(hex(randomblob(20)))`],
    ['transaction_id', '(SELECT transaction_id FROM anchors ORDER BY window DESC LIMIT 1)'],
  ])('an anchor with another %s is told; mended, it is found on the chain again', async (column, value) => {
    damage(`UPDATE anchors SET ${column} = ${value} WHERE window = ${WINDOW}`);
    const { faults } = await check(withChain);
    expect(faults.map(({ check: name }) => name)).toContain('chain');
    expect((await check({ ...withChain, fix: true })).faults).toEqual([]);
    const paid = await bench.paid();
    await liveStore(bench, folder).anchor();
    expect(await check(withChain)).toMatchObject({ faults: [], notes: [] });
    expect(await bench.paid()).toBe(paid);
  });

  test('a transaction that the chain has not is told, and not anchored again by itself', async () => {
    damage(`UPDATE anchors SET transaction_id = '0x' || lower(hex(randomblob(32))) WHERE window = ${WINDOW}`);
    const { faults } = await check(withChain);
    expect(faults).toContainEqual(
      expect.objectContaining({ check: 'chain', what: expect.stringContaining('has no transaction') }),
    );
  });

  test('a nonce that the chain does not know to be used is told', async () => {
    damage(
      `UPDATE attempts SET state = 'failed' WHERE state = 'broadcast'; UPDATE attempts SET nonce = 5000 WHERE state = 'failed'`,
    );
    const { faults } = await check(withChain);
    expect(faults.map(({ where }) => where)).toContainEqual(expect.stringContaining('nonce 5000'));
  });

  test('one that gives no answer leaves the check open', async () => {
    const report = await check({ chains: { rpcUrlsOf: () => ['http://127.0.0.1:9'], fromWindow: 0 } });
    expect(report).toMatchObject({ faults: [], unchecked: expect.stringContaining(CHAIN) });
    expect(await check({ chains: { rpcUrlsOf: () => [], fromWindow: 0 } })).toMatchObject({ unchecked: /no endpoint/ });
  });
});

/**
 * All that the store says, but for what has no second witness: the times of the service's own clock, lengths and fees, and the digests of a
 * window that no root stands for yet.
 */
function contentOf(db: Db): string {
  const tables: Record<string, string> = {
    admissions:
      'place, window, iif(window IN (SELECT id FROM windows WHERE root IS NULL), length(digests), digests) AS digests',
    windows: 'id, first_place, dcrtime_root, tree_size, root, log_index, log_root',
    log_nodes: '*',
    unanchored: '*',
    attempts: 'chain, transaction_id, contract, account, nonce, signed_bytes',
    attempt_windows: '*',
    anchors: '*',
  };
  return Object.entries(tables)
    .map(([table, columns]) => JSON.stringify(db.prepare(`SELECT ${columns} FROM ${table} ORDER BY 1, 2`).all()))
    .join('\n');
}

function differenceOf(before: string, after: string): string {
  let at = 0;
  while (before[at] === after[at]) at++;
  return `${before.slice(at - 80, at + 40)}\nbecame ${after.slice(at - 80, at + 40)}`;
}

test('no bit of what proofs are made of can flip unseen', async () => {
  const file = storeFileIn(folder);
  const bytes = readFileSync(file);
  const read = () => {
    const db = new Database(file, { readonly: true });
    try {
      return contentOf(db);
    } catch (error) {
      return String(error);
    } finally {
      db.close();
    }
  };
  const content = read();
  const used = [...bytes.keys()].filter((at) => bytes[at] !== 0);
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: used.length - 1 }),
      fc.integer({ min: 0, max: 7 }),
      async (number, bit) => {
        const damaged = Buffer.from(bytes);
        damaged[used[number]!]! ^= 1 << bit;
        writeFileSync(file, damaged);
        const changedContent = read();
        if (changedContent === content) return;
        seen++;
        const { faultCount } = await check(withChain).catch((error: unknown) => ({ faultCount: String(error).length }));
        if (faultCount === 0) throw new Error(`not seen: ${differenceOf(content, changedContent)}`);
      },
    ),
    { numRuns: 100 },
  );
  expect(seen).toBeGreaterThan(30);
}, 180_000);
