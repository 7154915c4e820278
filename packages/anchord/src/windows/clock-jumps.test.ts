import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BinaryReceipt, readReceipt, toHex } from '@chronos/shared';
import type { Context } from '../context.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { admit, openServices, proofOf, randomDigests } from '../test-support/services.js';
import { temporaryFolder } from '../test-support/temporary.js';

const START_MS = 1_795_171_203_000;
const HOUR_MS = 3_600_000;
const WINDOW_SECONDS = 10;
const RUNS = 25;
/** How long after its end a window is said to be final, while none has been. */
const FIRST_GUESS_MS = 15_000;

type Step =
  | { do: 'jump'; byMs: number }
  | { do: 'pass'; ms: number }
  | { do: 'admit'; count: number }
  | { do: 'admit again' }
  | { do: 'close' }
  | { do: 'restart'; windowSeconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  // Over the borders of windows by a little, or by far: NTP, an operator, a board without a battery.
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('jump' as const), byMs: fc.integer({ min: -25_000, max: 25_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('jump' as const),
      byMs: fc.integer({ min: -100 * HOUR_MS, max: 100 * HOUR_MS }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 25_000 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('admit' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'admit again' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restart' as const), windowSeconds: fc.constantFrom(1, 10, 30) }),
  },
);

/** The services over one folder, under a clock that does what it likes; each step's answers are held against what must always hold. */
class Run {
  readonly first = new Map<string, BinaryReceipt>();
  private highestId = -1;

  constructor(
    private readonly folder: string,
    private readonly clock: FakeClock,
    public services: Context,
  ) {}

  async take(next: Step): Promise<void> {
    switch (next.do) {
      case 'jump':
        this.clock.jumpTo(this.clock.nowMs() + next.byMs);
        return;
      case 'pass':
        return this.clock.advance(next.ms);
      case 'admit':
        return this.admitNew(next.count);
      case 'admit again':
        return this.admitAgain();
      case 'close':
        this.services.collector.endWindow({ now: true });
        return;
      case 'restart':
        await this.services.close();
        this.services = await openServices(this.folder, this.clock, next.windowSeconds);
    }
  }

  private async admitNew(count: number): Promise<void> {
    const digests = randomDigests(count);
    const receipts = await admit(this.services, digests);
    const [{ windowId }] = receipts as [BinaryReceipt];
    expect(windowId).toBeGreaterThanOrEqual(this.highestId);
    this.highestId = windowId;
    receipts.forEach((receipt, i) => {
      expect(receipt).toMatchObject({ status: 'accepted', windowId });
      this.first.set(toHex(digests[i]!), receipt);
    });
    const { id, seconds, secondsLeft } = this.services.views.status().window;
    expect([id, seconds]).toEqual([windowId, receipts[0]!.windowSeconds]);
    expect(secondsLeft).toBeGreaterThanOrEqual(0);
    expect(secondsLeft).toBeLessThanOrEqual(2 * seconds);
    const { proof, status } = proofOf(this.services, digests[0]!);
    expect([status, proof.window.id]).toEqual(['collecting', windowId]);
    const { finalAtMs } = this.services.proofs.item(digests[0]!);
    // Not in the past, and not at an end that lies hours ahead because the clock was set back.
    expect(finalAtMs).toBeGreaterThan(this.clock.nowMs());
    expect(finalAtMs).toBeLessThanOrEqual(this.clock.nowMs() + 2000 * seconds + FIRST_GUESS_MS);
  }

  private async admitAgain(): Promise<void> {
    const [digest, receipt] = [...this.first][0] ?? [];
    if (digest === undefined) return;
    const bytes = Buffer.from(digest, 'hex');
    expect(readReceipt(await this.services.collector.admit(bytes), 0)).toEqual({ ...receipt, status: 'exists' });
  }

  /** Without another digest, every window is closed within two lengths of the longest window, whatever the wall clock says. */
  async end(): Promise<void> {
    await this.clock.advance(60_000);
    await this.services.closer.settled();
    const { items } = this.services.views.windows({ limit: 1000 });
    expect(new Set(items.map(({ status }) => status))).toEqual(new Set(items.length > 0 ? ['closed'] : []));
    const ids = items.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    expect(items.map(({ logIndex }) => logIndex)).toEqual(items.map((_, i) => items.length - 1 - i));
    for (const { id, seconds } of items) expect(id % seconds).toBe(0);
    for (const [digest, receipt] of this.first) {
      const { proof } = proofOf(this.services, Buffer.from(digest, 'hex'));
      expect(proof).toMatchObject({
        salt: toHex(receipt.salt),
        receivedAt: new Date(receipt.receivedAtMs).toISOString(),
        window: { id: receipt.windowId, seconds: receipt.windowSeconds },
        inclusion: { root: this.services.views.window(receipt.windowId).root },
      });
    }
  }
}

test('however the wall clock jumps: window ids rise, every window is closed, and receipts, windows and proofs agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const temporary = temporaryFolder();
      const folder = join(temporary.folder, 'store');
      const clock = new FakeClock(START_MS);
      const run = new Run(folder, clock, await openServices(folder, clock, WINDOW_SECONDS));
      try {
        for (const next of steps) await run.take(next);
        await run.end();
      } finally {
        await run.services.close();
        temporary.remove();
      }
    }),
    { numRuns: RUNS },
  );
}, 240_000);
