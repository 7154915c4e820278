import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Anvil, startAnvil } from './test-support/anvil.js';
import { CrashBench } from './test-support/crash-bench.js';
import { FAULTS } from './test-support/fuse.js';
import { randomDigests } from './test-support/services.js';

// The crash table: every call that the daemon makes to its store, its indexer and the chain, from admission to finality and at a start, is
// broken in each of four ways, one at a time. What is acknowledged must be final in the end, and paid for once. The calls are counted, not
// listed: a new one is in the table by itself.

jest.setTimeout(600_000);

let anvil: Anvil;
let bench: CrashBench;
beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil.stop());

beforeEach(async () => {
  bench = await CrashBench.open(anvil);
});
afterEach(() => bench.dispose());

/** How many faults were tried, by the call that was broken. */
const tried = new Map<string, number>();

/** What must be among the calls, by the names that the fuse gives them. */
const STEPS = [
  ...['store openStore', 'indexer start', 'store INSERT OR IGNORE INTO meta', 'store recordChains', 'chain.check'],
  ...['store Collector.admitTogether', 'indexer.advance', 'indexer.dcrtimeRoot', 'store Closer.addLastDigest'],
  ...[
    'indexer.finish',
    'store Closer.closeWindow',
    'indexer.index',
    'chain.forecast',
    'chain.sign',
    'store recordSigned',
  ],
  ...['chain.broadcast', 'store recordBroadcast', 'chain.finalNonce', 'chain.findTransaction', 'store recordState'],
  ...['store findUnfinishedAttempts', 'store recordFinal'],
];

/** From admission to finality, over two windows: one of several digests, one of a single one. */
async function fromAdmissionToFinality(): Promise<void> {
  const [first, second, ...others] = randomDigests(4) as [Buffer, Buffer, ...Buffer[]];
  await bench.submit([first, second]);
  await bench.submit([first, ...others, second]);
  await bench.endWindow();
  await bench.submitNew(1); // while the window before is being closed
  await bench.settle();
}

/** Leaves a window open, one closed and one on its way to the chain. */
async function leaveUnfinished(): Promise<void> {
  await bench.submitNew(3);
  await bench.endWindow();
  await bench.submitNew(2);
  await bench.step();
  await bench.endWindow();
  await bench.submitNew(2);
  await bench.drop();
}

async function isRunning(): Promise<void> {
  await bench.running();
}

/** Asked once a minute: not in every run. */
const NOW_AND_THEN = 'chain.health';

describe.each([
  // Of calls by one name the first two are broken, of a start the first: later ones tell nothing new.
  ['from admission to finality', isRunning, fromAdmissionToFinality, 2],
  ['a start that finds windows open, closed and on their way', leaveUnfinished, () => bench.settle(), 1],
])('%s', (_name, prepare, run, most) => {
  /** How often each call is made where nothing is broken. */
  async function countCalls(): Promise<[name: string, times: number][]> {
    await prepare();
    const fuse = bench.fuse.reset();
    await run();
    return [...fuse.calls];
  }

  test.each(FAULTS)('each call %s: nothing is lost, nothing is anchored twice', async (fault) => {
    for (const [name, times] of await countCalls()) {
      for (let nth = 1; nth <= Math.min(times, most); nth++) {
        const before = new Set(bench.sent());
        await prepare();
        const fuse = bench.fuse.arm(name, nth, fault);
        await run();
        const faults = await bench.faultsOfDigests(bench.sent().filter((digest) => !before.has(digest)));
        expect({ name, nth, faults }).toEqual({ name, nth, faults: [] });
        if (nth === 1 && name !== NOW_AND_THEN) expect({ name, blown: fuse.blown }).toEqual({ name, blown: true });
        if (fuse.blown) tried.set(name, (tried.get(name) ?? 0) + 1);
      }
    }
    expect(await bench.faults()).toEqual([]);
  });
});

test('every step from admission to finality, and of a start, was broken in every way', () => {
  expect(STEPS.filter((step) => (tried.get(step) ?? 0) < FAULTS.length)).toEqual([]);
  const total = [...tried.values()].reduce((sum, count) => sum + count, 0);
  process.stderr.write(`crash table: ${total} cases\n`);
});

// That the table can fail: programs that break a rule are found out.

test('a store that answers before it has committed is found out', async () => {
  const careless = await CrashBench.open(anvil, {
    store: (store) => ({
      ...store,
      transaction(work) {
        if (store.db.inTransaction) store.db.exec('COMMIT');
        store.db.exec('BEGIN IMMEDIATE');
        return work();
      },
    }),
  });
  await careless.submitNew(3);
  await careless.drop();
  expect((await careless.faultsOfDigests()).map((fault) => fault.slice(65))).toEqual(
    Array(3).fill('was acknowledged and is lost'),
  );
  await careless.dispose();
});

test('a daemon that broadcasts before it records, and does not ask what the chain has, is found out', async () => {
  let blind = 2;
  const hasty = await CrashBench.open(anvil, {
    chain: (chain) => ({
      ...chain,
      forecast: async (anchors) => (blind-- > 0 ? { result: 'ok', gasLimit: 200_000n } : chain.forecast(anchors)),
      async sign(...given) {
        const signed = await chain.sign(...given);
        if (signed.result === 'signed') await chain.broadcast(signed.transaction.signedBytes);
        return signed;
      },
    }),
  });
  await hasty.submitNew(3);
  hasty.fuse.arm('chain.sign', 1, 'crash after');
  await hasty.endWindow();
  await hasty.quiet();
  await anvil.mine(3);
  await hasty.settle();
  expect(await hasty.faults()).toEqual(['1 attempts are not final', '2 transactions were paid for, 1 have anchored']);
  await hasty.dispose();
});
