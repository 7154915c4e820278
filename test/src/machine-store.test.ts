import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Proof, verifyStructure } from '@chronos/shared';
import { type AnchordProcess, type AnchordOptions, spawnAnchord, startAnchord } from './support/anchord-process.js';
import { temporaryFolder } from './support/service.js';

// The real anchord over a store that is not what it should be.

const TIME_LIMIT_MS = 300_000;
const PAGE = 16_384;
/** Each costs a start: of a larger store, every second or third page is tried. */
const MOST_PAGES = 12;

let temporary: ReturnType<typeof temporaryFolder>;
let running: { kill(signal: NodeJS.Signals): void; ended: Promise<unknown> }[];
/** Of windows that are closed: 700 digests in one, 300 in the next. */
let digests: Buffer;

const store = (name = '') => join(temporary.folder, 'store', name);

beforeEach(() => {
  temporary = temporaryFolder();
  running = [];
});

afterEach(async () => {
  await endAll('SIGKILL');
  temporary.remove();
});

async function endAll(signal: NodeJS.Signals): Promise<void> {
  for (const { kill, ended } of running.splice(0)) {
    kill(signal);
    await ended;
  }
}

function spawned(options: Partial<AnchordOptions> = {}) {
  const anchord = spawnAnchord({ folder: temporary.folder, ...options });
  running.push(anchord);
  return anchord;
}

async function start(settings: Record<string, string> = {}): Promise<AnchordProcess> {
  const anchord = await startAnchord({ folder: temporary.folder, settings });
  running.push(anchord);
  return anchord;
}

/** A store with two closed windows, its anchord stopped; with `SIGKILL`, as after a power cut. */
async function makeStore(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const anchord = await start({ CHRONOS_WINDOW_SECONDS: '3600' });
  const parts = [];
  for (const count of [700, 300]) {
    const part = randomBytes(32 * count);
    expect((await anchord.submit(part)).status).toBe(200);
    parts.push(part);
    await anchord.admin('/close-window', 'POST');
    await until(async () => (await anchord.proofs(part.subarray(0, 32)))[0]!.status === 'anchoring');
  }
  digests = Buffer.concat(parts);
  await endAll(signal);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Asks for every proof, and holds each that is given against its digest. Gives how many there are of each status. */
async function askForAll({ proofs }: Pick<AnchordProcess, 'proofs'>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < digests.length; at += 32 * 500) {
    const part = digests.subarray(at, at + 32 * 500);
    (await proofs(part)).forEach(({ status, json }, i) => {
      counts[status] = (counts[status] ?? 0) + 1;
      if (status === 'unknown') return;
      const proof = JSON.parse(Buffer.from(json).toString()) as Proof;
      // `pending`: all that can be checked without the chain holds.
      expect(verifyStructure(part.subarray(i * 32, (i + 1) * 32), proof)).toMatchObject({ code: 'pending' });
    });
  }
  return counts;
}

/** What `askForAll` gives; undefined where anchord gave no answer. A proof that is wrong fails the test. */
async function tryToAsk({ proofs }: AnchordProcess): Promise<Record<string, number> | undefined> {
  let answered = true;
  const ask = (part: Buffer) =>
    proofs(part).then(
      (items) => items,
      () => {
        answered = false;
        return [];
      },
    );
  const counts = await askForAll({ proofs: ask });
  return answered ? counts : undefined;
}

/** Turns a byte around, as a bad disk does. */
function flip(file: string, at: number): void {
  const fd = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  writeSync(fd, Buffer.of(byte[0]! ^ 0xff), 0, 1, at);
  closeSync(fd);
}

/** Where a value stands in a file that nobody has open; SQLite leaves copies behind in pages that it divides. */
function placesOf(file: string, bytes: Uint8Array): number[] {
  const content = readFileSync(file);
  const places = [];
  for (let at = content.indexOf(bytes); at >= 0; at = content.indexOf(bytes, at + 1)) places.push(at);
  return places;
}

async function refusal(): Promise<string> {
  const anchord = spawned();
  expect(await anchord.ended).toEqual({ code: 1, signal: null });
  expect(anchord.output()).not.toContain('anchord is up');
  return anchord.output();
}

describe('a store that is none', () => {
  test(
    'is refused, whatever it is: of a newer schema, another program, no database, empty, not there',
    async () => {
      await makeStore();
      copyFileSync(store('chronos.db'), store('kept'));
      const withDatabase = (change: (db: Database.Database) => void) => {
        const db = new Database(store('chronos.db'));
        change(db);
        db.close();
      };
      withDatabase((db) => db.pragma('user_version = 99'));
      expect(await refusal()).toContain('the store has schema 99, this program knows up to');

      rmSync(store('chronos.db'));
      withDatabase((db) => db.exec('CREATE TABLE bookmarks (url TEXT)'));
      expect(await refusal()).toContain('is a database of another program');

      writeFileSync(store('chronos.db'), 'Dear diary, '.repeat(5000));
      expect(await refusal()).toContain('chronos.db in');

      truncateSync(store('chronos.db'), 0);
      expect(await refusal()).toContain('chronos.db is empty, but index.db is: the store is lost');

      rmSync(store('chronos.db'));
      expect(await refusal()).toContain('chronos.db is not there, but index.db is');

      copyFileSync(store('kept'), store('chronos.db'));
      expect(await askForAll(await start())).toEqual({ anchoring: 1000 });
    },
    TIME_LIMIT_MS,
  );
});

describe('what is derived', () => {
  test(
    'is made again at the start, when index.db is no database or its pages are damaged',
    async () => {
      await makeStore();
      writeFileSync(store('index.db'), 'x'.repeat(100_000));
      expect(await askForAll(await start())).toEqual({ anchoring: 1000 });
      await endAll('SIGTERM');
      const pages = Math.floor(statSync(store('index.db')).size / 4096);
      for (let page = 1; page < pages; page++) flip(store('index.db'), page * 4096);
      const anchord = await start();
      // Where the damage is met later than at the start, anchord ends, and the next start makes the index again.
      const counts = await tryToAsk(anchord);
      if (counts === undefined) expect(await anchord.ended).toEqual({ code: 1, signal: null });
      expect(counts ?? (await askForAll(await start()))).toEqual({ anchoring: 1000 });
    },
    TIME_LIMIT_MS,
  );

  test(
    'heals while it runs: a proof that would not hold is not given out, its tree is made again from the digests',
    async () => {
      await makeStore();
      const db = new Database(store('index.db'));
      // A bit of one stored node, which SQLite cannot see.
      db.prepare('UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE level = 1 AND idx = 0').run();
      db.close();
      const anchord = await start();
      const first = await askForAll(anchord);
      expect(first['collecting']).toBeGreaterThan(0);
      await anchord.until('stored nodes of a tree were damaged; they were made again from the digests');
      await until(async () => (await askForAll(anchord))['anchoring'] === 1000);
    },
    TIME_LIMIT_MS,
  );
});

describe('a store that is damaged', () => {
  test(
    'in a digest that it holds: the proofs that rest on it are not given out, the others are, and the operator is told of fsck',
    async () => {
      await makeStore();
      // The salt of the first window's digest 100: SQLite cannot see it, its own proof and those of its neighbours rest on it.
      const places = placesOf(store('chronos.db'), digests.subarray(3200, 3232));
      expect(places).not.toHaveLength(0);
      for (const at of places) flip(store('chronos.db'), at + 40);
      const anchord = await start();
      const counts = await askForAll(anchord);
      expect(counts['collecting']).toBeGreaterThanOrEqual(1);
      expect(counts['collecting']).toBeLessThanOrEqual(16);
      expect(counts['anchoring']! + counts['collecting']!).toBe(1000);
      await anchord.until('do not lead to its root: chronos.db in');
      expect(anchord.output()).toContain('run \\"anchord fsck\\"');
      expect(await anchord.admin('/health')).toMatchObject({ status: 503, json: { store: { state: 'damaged' } } });
      expect((await anchord.submit(randomBytes(32))).status).toBe(200);
    },
    TIME_LIMIT_MS,
  );

  test(
    'in its pages, at any place: it refuses to start with a word of fsck, or gives right proofs alone',
    async () => {
      await makeStore();
      cpSync(store(), join(temporary.folder, 'whole'), { recursive: true });
      const pages = Math.floor(statSync(store('chronos.db')).size / PAGE);
      const outcomes = new Set<string>();
      const step = Math.ceil(pages / MOST_PAGES);
      for (let page = 0; page < pages; page += step) {
        rmSync(store(), { recursive: true });
        cpSync(join(temporary.folder, 'whole'), store(), { recursive: true });
        // The head of the page, where SQLite keeps its kind and its cells (after the file's own head on the first).
        for (const at of [0, 3, 5]) flip(store('chronos.db'), page * PAGE + (page === 0 ? 100 : 0) + at);
        const anchord = spawned();
        const up = await anchord.until('anchord is up').then(
          () => true,
          () => false,
        );
        if (up) {
          // Right proofs, or none: `askForAll` holds each against its digest.
          const asked = await tryToAsk(anchord.listening());
          outcomes.add(asked === undefined ? 'asked in vain' : 'goes on');
          if (asked === undefined) await anchord.until('SQLITE_CORRUPT');
        } else {
          expect(await anchord.ended).toEqual({ code: 1, signal: null });
          expect(anchord.output()).toMatch(/anchord fsck|another program/);
          outcomes.add('refused to start');
        }
        await endAll('SIGKILL');
      }
      expect(outcomes).toContain('refused to start');
    },
    TIME_LIMIT_MS,
  );

  test(
    'at the end of its write-ahead log: what stands before it is there, and the log of windows goes on in order',
    async () => {
      const anchord = await start({ CHRONOS_WINDOW_SECONDS: '3600' });
      const calls: Buffer[] = [];
      for (let i = 0; i < 20; i++) {
        calls.push(randomBytes(32 * 50));
        await anchord.submit(calls.at(-1)!);
      }
      await endAll('SIGKILL');
      expect(existsSync(store('chronos.db-wal'))).toBe(true);
      flip(store('chronos.db-wal'), statSync(store('chronos.db-wal')).size - 100);
      const again = await start({ CHRONOS_WINDOW_SECONDS: '3600' });
      const statuses = await Promise.all(
        calls.map(async (call) => (await again.proofs(call)).map(({ status }) => status)),
      );
      const known = statuses.map((call) => call.every((status) => status === 'collecting'));
      const unknown = statuses.map((call) => call.every((status) => status === 'unknown'));
      // Whole calls, from the first on; only the last ones can be gone, and they are told as unknown.
      known.forEach((isKnown, i) => expect(isKnown || unknown[i]).toBe(true));
      expect(known.lastIndexOf(true)).toBeLessThan(unknown.indexOf(true) < 0 ? 20 : unknown.indexOf(true));
      expect(known.filter(Boolean).length).toBeGreaterThanOrEqual(15);
      expect((await again.submit(Buffer.concat(calls))).status).toBe(200);
      await again.admin('/close-window', 'POST');
      digests = Buffer.concat(calls);
      await until(async () => (await askForAll(again))['anchoring'] === 1000);
    },
    TIME_LIMIT_MS,
  );
});
