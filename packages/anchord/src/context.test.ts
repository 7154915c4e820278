import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { dcrtimeRootInPlace, fromHex, toHex, verifyConsistency } from '@chronos/shared';
import type { Context } from './context.js';
import { FakeClock } from './test-support/fake-clock.js';
import { admit, openServices, proofOf, randomDigests } from './test-support/services.js';
import { temporaryFolder } from './test-support/temporary.js';

const START_MS = 1_795_171_203_000; // three seconds into the window of 10 s that starts at …200

let temporary: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let services: Context;

beforeEach(async () => {
  temporary = temporaryFolder();
  clock = new FakeClock(START_MS);
  services = await openServices(join(temporary.folder, 'a'), clock);
});

afterEach(async () => {
  await services.close();
  temporary.remove();
});

async function reopen(folder = 'a'): Promise<void> {
  await services.close();
  services = await openServices(join(temporary.folder, folder), clock);
}

/** As after a power cut: the store as it lies on disk at this moment, while the daemon runs. */
async function crash(): Promise<void> {
  cpSync(join(temporary.folder, 'a'), join(temporary.folder, 'b'), { recursive: true });
  await reopen('b');
}

/** Worker threads that run in this process. */
function threads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
}

async function closeWindow(): Promise<void> {
  services.collector.endWindow({ now: true });
  await services.closer.settled();
}

describe('admitting', () => {
  test('gives each digest a salt of its own, the time and the open window', async () => {
    const receipts = await admit(services, randomDigests(3));
    for (const receipt of receipts) {
      expect(receipt).toMatchObject({
        status: 'accepted',
        receivedAtMs: START_MS,
        windowId: 1_795_171_200,
        windowSeconds: 10,
      });
    }
    expect(new Set(receipts.map(({ salt }) => toHex(salt))).size).toBe(3);
  });

  test('answers a digest that is known with its first receipt: in the same call, later, in a closed window and after a restart', async () => {
    const [a, b] = randomDigests(2) as [Buffer, Buffer];
    const [first, other, again] = await admit(services, [a, b, a]);
    expect(again).toEqual({ ...first, status: 'exists' });
    await clock.advance(2000);
    expect((await admit(services, [a]))[0]).toEqual({ ...first, status: 'exists' });
    await closeWindow();
    expect((await admit(services, [b]))[0]).toEqual({ ...other, status: 'exists' });
    await reopen();
    expect((await admit(services, [b, a])).map(({ salt }) => toHex(salt))).toEqual([
      toHex(other!.salt),
      toHex(first!.salt),
    ]);
  });

  test('a call of known digests alone opens no window', async () => {
    const digests = randomDigests(2);
    await admit(services, digests);
    await closeWindow();
    await clock.advance(60_000);
    await admit(services, digests);
    expect(services.collector.openWindow).toBeUndefined();
    expect(services.views.status().totals).toEqual({ digests: 3, windows: 1 });
  });

  test('known digests, however often they are sent, do not push the next window ahead', async () => {
    const digests = randomDigests(1);
    await admit(services, digests);
    await closeWindow();
    await clock.advance(60_000);
    for (let i = 0; i < 5; i++) await admit(services, digests);
    expect((await admit(services, randomDigests(1)))[0]).toMatchObject({ windowId: 1_795_171_260 });
  });

  test('what was acknowledged is there after a crash, and its window goes on', async () => {
    const digests = randomDigests(40);
    const before = await admit(services, digests);
    await crash();
    expect(await admit(services, digests)).toEqual(before.map((receipt) => ({ ...receipt, status: 'exists' })));
    expect(services.collector.openWindow?.id).toBe(1_795_171_200);
  });
});

describe('closing', () => {
  test('happens when the time is up; later digests go to the next window', async () => {
    const [a, b] = randomDigests(2) as [Buffer, Buffer];
    await admit(services, [a]);
    await clock.advance(7_000);
    await services.closer.settled();
    const [receipt] = await admit(services, [b]);
    expect(receipt).toMatchObject({ windowId: 1_795_171_210 });
    expect(services.views.window(1_795_171_200)).toMatchObject({ status: 'closed', treeSize: 1, logIndex: 0 });
    expect(proofOf(services, a).status).toBe('anchoring');
    expect(proofOf(services, b)).toMatchObject({ status: 'collecting', proof: { anchors: [] } });
  });

  test('adds the dcrtime root of the others as the last digest, with a proof of its own', async () => {
    const digests = randomDigests(5);
    await admit(services, digests);
    await closeWindow();
    const root = Buffer.from(dcrtimeRootInPlace(Buffer.concat([...digests].sort((a, b) => Buffer.compare(a, b)))));
    expect(services.views.window(1_795_171_200)).toMatchObject({ treeSize: 6, dcrtimeRoot: root.toString('hex') });
    expect(proofOf(services, root).proof.inclusion).toMatchObject({ leafIndex: 5, treeSize: 6 });
  });

  test('adds nothing to a single digest, which is its own dcrtime root', async () => {
    const [digest] = randomDigests(1) as [Buffer];
    await admit(services, [digest]);
    await closeWindow();
    expect(services.views.window(1_795_171_200)).toMatchObject({ treeSize: 1, dcrtimeRoot: digest.toString('hex') });
  });

  test('leaves the first timestamp to a digest that comes again as the last one of a later window, at every moment', async () => {
    const digests = randomDigests(5000);
    const last = Buffer.from(dcrtimeRootInPlace(Buffer.concat(digests.toSorted((a, b) => Buffer.compare(a, b)))));
    const first = await admit(services, [last]);
    await closeWindow();
    await admit(services, digests);
    services.collector.endWindow({ now: true });
    let closed = false;
    void services.closer.settled().then(() => (closed = true));
    while (!closed) {
      expect(proofOf(services, last)).toMatchObject({
        status: 'anchoring',
        proof: { window: { id: first[0]!.windowId } },
      });
      await setImmediate();
    }
    expect(services.views.window(first[0]!.windowId + 10)).toMatchObject({ dcrtimeRoot: last.toString('hex') });
  });

  test('every digest of windows large and small has a proof that leads to its window and the log', async () => {
    const windows = [];
    for (const size of [1, 2, 17, 300, 1]) {
      const digests = randomDigests(size);
      windows.push(digests);
      await admit(services, digests);
      await closeWindow();
    }
    windows.forEach((digests, index) => {
      for (const digest of digests) {
        expect(proofOf(services, digest).proof.log).toMatchObject({ index, treeSize: index + 1 });
      }
    });
  });

  test('takes digests for the next window while it works, and keeps their places apart', async () => {
    const [first, second] = [randomDigests(100), randomDigests(100)];
    await admit(services, first);
    services.collector.endWindow({ now: true });
    await admit(services, second);
    await closeWindow();
    for (const digest of [...first, ...second]) expect(proofOf(services, digest).status).toBe('anchoring');
    expect(services.views.status().totals).toEqual({ digests: 202, windows: 2 });
  });

  test('is done after a restart for windows that were left, whether the last digest was in or not', async () => {
    const digests = randomDigests(50);
    await admit(services, digests);
    services.collector.endWindow({ now: true });
    await crash();
    await clock.advance(60_000);
    await services.closer.settled();
    for (const digest of digests) expect(proofOf(services, digest).status).toBe('anchoring');
    expect(services.views.window(1_795_171_200).treeSize).toBe(51);
  });

  test('window ids never go back, though the clock does', async () => {
    const [a, b, c] = randomDigests(3) as [Buffer, Buffer, Buffer];
    await admit(services, [a]);
    clock.jumpTo(START_MS - 3_600_000);
    expect((await admit(services, [b]))[0]).toMatchObject({ windowId: 1_795_171_200 });
    await clock.advance(7_000); // by the clock that cannot be set
    expect((await admit(services, [c]))[0]).toMatchObject({ windowId: 1_795_171_210 });
  });

  test('goes on, window by window, though the clock was set back by an hour', async () => {
    await admit(services, randomDigests(1));
    clock.jumpTo(START_MS - 3_600_000);
    await closeWindow();
    for (const id of [1_795_171_210, 1_795_171_220, 1_795_171_230]) {
      expect((await admit(services, randomDigests(1)))[0]).toMatchObject({ windowId: id });
      await clock.advance(20_000);
      await services.closer.settled();
      expect(services.views.window(id).status).toBe('closed');
    }
  });
});

describe('what is derived', () => {
  test('is made again when its file is lost', async () => {
    const digests = randomDigests(300);
    const receipts = await admit(services, digests);
    await closeWindow();
    await services.close();
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(temporary.folder, 'a', `index.db${suffix}`), { force: true });
    services = await openServices(join(temporary.folder, 'a'), clock);
    expect(await admit(services, digests)).toEqual(receipts.map((receipt) => ({ ...receipt, status: 'exists' })));
    for (const digest of digests) expect(proofOf(services, digest).status).toBe('anchoring');
  });
});

describe('the log', () => {
  test('is consistent between any two sizes', async () => {
    for (let i = 0; i < 9; i++) {
      await admit(services, randomDigests(2));
      await closeWindow();
    }
    for (let from = 1; from <= 9; from++) {
      for (let to = from; to <= 9; to++) {
        const proof = services.views.consistency({ from, to });
        const holds = verifyConsistency(
          BigInt(from),
          BigInt(to),
          fromHex(proof.from.root),
          fromHex(proof.to.root),
          proof.path.map(fromHex),
        );
        expect(holds).toBe(true);
      }
    }
    expect(() => services.views.consistency({ from: 3, to: 10 })).toThrow('the log has 9 windows');
    expect(() => services.views.consistency({ from: 4, to: 3 })).toThrow('larger');
  });
});

describe('the store', () => {
  test('is held by one daemon at a time', async () => {
    await expect(openServices(join(temporary.folder, 'a'), clock)).rejects.toMatchObject({ code: 'store_unusable' });
  });

  test('that cannot be taken up is closed again: neither its lock nor a thread is left', async () => {
    await admit(services, randomDigests(20));
    await closeWindow();
    await services.close();
    const file = join(temporary.folder, 'a', 'chronos.db');
    const damage = (root: string) => {
      const db = new Database(file);
      db.prepare(`UPDATE windows SET root = ${root}`).run();
      db.close();
    };
    const before = threads();
    damage('zeroblob(32)');
    rmSync(join(temporary.folder, 'a', 'index.db'));
    await expect(openServices(join(temporary.folder, 'a'), clock)).rejects.toMatchObject({
      code: 'store_unusable',
      message: expect.stringContaining('anchord fsck'),
    });
    expect(threads()).toBe(before);
    // The lock is free: the next one fails for the same reason, not for the lock.
    await expect(openServices(join(temporary.folder, 'a'), clock)).rejects.toThrow('does not lead to its own root');
    services = await openServices(join(temporary.folder, 'b'), clock);
  });

  test('an unknown digest has no proof', () => {
    expect(services.proofs.item(Buffer.alloc(32, 9))).toMatchObject({ status: 'unknown' });
  });
});
