import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readReceipt } from '@chronos/shared';
import { createLogger } from '../logger.js';
import { Admissions } from '../store/admissions.js';
import { IndexReader, prepareIndex } from '../store/index-store.js';
import { openStore, type Store } from '../store/store.js';
import { Windows } from '../store/windows.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { Collector } from './collector.js';
import { KeyedHash } from './keyed-hash.js';
import { KnownDigests } from './known-digests.js';

let temporary: ReturnType<typeof temporaryFolder>;
let store: Store;
let index: IndexReader;
let commits: number;
/** What the collector told of its commits. */
let told: { accepted: number; exists: number }[];
let toldFailures: number;
/** What the next commit does: succeeds, fails, or is persisted and then reported as failed. */
let nextCommit: 'ok' | 'failed' | 'failed but persisted';

beforeEach(() => {
  temporary = temporaryFolder();
  store = openStore(temporary.folder);
  prepareIndex(temporary.folder, { secret: randomBytes(8), findLogRoot: () => undefined });
  index = new IndexReader(temporary.folder);
  commits = 0;
  told = [];
  toldFailures = 0;
  nextCommit = 'ok';
});

afterEach(() => {
  index.close();
  store.close();
  temporary.remove();
});

function collector(settings: { maxWindowDigests?: number; maxWaitingDigests?: number } = {}): Collector {
  const hash = new KeyedHash(randomBytes(8));
  const admissions = new Admissions(store.db);
  const faulty: Store = {
    ...store,
    transaction: (work) => {
      commits++;
      const fate = nextCommit;
      nextCommit = 'ok';
      if (fate === 'failed') throw new Error('disk full');
      const result = store.transaction(work);
      if (fate === 'failed but persisted') throw new Error('I/O error');
      return result;
    },
  };
  return new Collector({
    store: faulty,
    storeWatch: { refusal: undefined, failed: () => undefined, look: () => undefined },
    admissions,
    windows: new Windows(store.db),
    known: new KnownDigests(admissions, index, hash, () => undefined),
    hash,
    windowFloor: () => -1,
    clock: new FakeClock(1_795_171_203_000),
    logger: createLogger('silent'),
    settings: { windowSeconds: 10, maxWindowDigests: 1000, maxWaitingDigests: 1000, ...settings },
    onCommitted: ({ accepted, exists }) => told.push({ accepted, exists }),
    onCommitFailed: () => toldFailures++,
    onAdmitted: () => undefined,
    onEnded: () => undefined,
  });
}

function statusOf(receipts: Uint8Array): string {
  return readReceipt(receipts, 0).status;
}

describe('group commit', () => {
  test('stores all that wait at the same moment by one commit', async () => {
    const collecting = collector();
    const receipts = await Promise.all(Array.from({ length: 200 }, () => collecting.admit(randomBytes(32))));
    expect(receipts.map(statusOf)).toEqual(Array<string>(200).fill('accepted'));
    expect(commits).toBe(1);
    expect(told).toEqual([{ accepted: 200, exists: 0 }]);
  });

  test('tells of each commit, of one without new digests too, and of those that the store did not take', async () => {
    const collecting = collector();
    const digest = randomBytes(32);
    await collecting.admit(Buffer.concat([digest, digest, randomBytes(32)]));
    await collecting.admit(digest);
    nextCommit = 'failed';
    await expect(collecting.admit(randomBytes(32))).rejects.toMatchObject({ code: 'overloaded' });
    expect(told).toEqual([
      { accepted: 2, exists: 1 },
      { accepted: 0, exists: 1 },
    ]);
    expect(toldFailures).toBe(1);
  });

  test('answers two callers that sent the same digest at the same moment with one salt', async () => {
    const collecting = collector();
    const digest = randomBytes(32);
    const [first, second] = await Promise.all([collecting.admit(digest), collecting.admit(digest)]);
    expect([statusOf(first), statusOf(second)]).toEqual(['accepted', 'exists']);
    expect(readReceipt(second, 0).salt).toEqual(readReceipt(first, 0).salt);
  });

  test('costs nothing for digests that are all known', async () => {
    const collecting = collector();
    const digest = randomBytes(32);
    await collecting.admit(digest);
    await collecting.admit(digest);
    expect(commits).toBe(1);
  });
});

describe('a commit that fails', () => {
  test.each([true, false])(
    'acknowledges nothing, and the digest can be sent again (in a window that was open already: %s)',
    async (opened) => {
      const collecting = collector();
      if (opened) await collecting.admit(randomBytes(32));
      const digest = randomBytes(32);
      nextCommit = 'failed';
      await expect(collecting.admit(digest)).rejects.toMatchObject({ code: 'overloaded', status: 503 });
      expect(statusOf(await collecting.admit(digest))).toBe('accepted');
      expect(statusOf(await collecting.admit(digest))).toBe('exists');
    },
  );

  test.each([true, false])(
    'but was persisted, is known when it is sent again (in a window that was open already: %s)',
    async (opened) => {
      const collecting = collector();
      if (opened) await collecting.admit(randomBytes(32));
      const digest = randomBytes(32);
      nextCommit = 'failed but persisted';
      await expect(collecting.admit(digest)).rejects.toMatchObject({ code: 'overloaded' });
      expect(statusOf(await collecting.admit(digest))).toBe('exists');
      // And the next digest gets the place after it.
      expect(statusOf(await collecting.admit(randomBytes(32)))).toBe('accepted');
      expect(new Admissions(store.db).end()).toBe(opened ? 3 : 2);
    },
  );
});

describe('limits', () => {
  test('more digests than may wait are refused with a time to come again', async () => {
    const collecting = collector({ maxWaitingDigests: 10 });
    const taken = collecting.admit(randomBytes(32 * 10));
    await expect(collecting.admit(randomBytes(32))).rejects.toMatchObject({ code: 'overloaded' });
    await expect(collecting.admit(randomBytes(32))).rejects.toHaveProperty('details.retryAfterSeconds');
    expect(statusOf(await taken)).toBe('accepted');
    expect(statusOf(await collecting.admit(randomBytes(32)))).toBe('accepted');
  });

  test('a window that is full takes no more, and says until when', async () => {
    const collecting = collector({ maxWindowDigests: 5 });
    await collecting.admit(randomBytes(32 * 5));
    await expect(collecting.admit(randomBytes(32))).rejects.toMatchObject({
      code: 'overloaded',
      details: { retryAfterSeconds: expect.any(Number) },
    });
  });

  test('after closing, what was accepted is stored and more is refused', async () => {
    const collecting = collector();
    const waiting = collecting.admit(randomBytes(32));
    collecting.close();
    expect(statusOf(await waiting)).toBe('accepted');
    await expect(collecting.admit(randomBytes(32))).rejects.toMatchObject({ code: 'overloaded' });
  });
});
