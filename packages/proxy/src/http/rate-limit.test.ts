import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RateLimit } from './rate-limit.js';

function setUp({ quota = 60, maxClients = 100 } = {}) {
  const clock = { now: 0, monotonicMs: () => clock.now };
  return { clock, limit: new RateLimit({ name: 'requests', quota, maxClients, clock }) };
}

describe('a rate limit', () => {
  test('lets all of the quota be taken at once, and says how it stands', () => {
    const { limit } = setUp({ quota: 3 });
    expect(limit.policy).toBe('"requests";q=3;w=60');
    expect([1, 2, 3].map(() => limit.take('a', 1))).toEqual([
      { ok: true, remaining: 2, seconds: 20 },
      { ok: true, remaining: 1, seconds: 40 },
      { ok: true, remaining: 0, seconds: 60 },
    ]);
    const refused = limit.take('a', 1);
    expect(refused).toEqual({ ok: false, remaining: 0, seconds: 20 });
    expect(limit.header(refused)).toBe('"requests";r=0;t=20');
  });

  test('gives back evenly, and what was refused costs nothing', () => {
    const { clock, limit } = setUp({ quota: 60 });
    limit.take('a', 60);
    for (let i = 0; i < 100; i++) expect(limit.take('a', 1).ok).toBe(false);
    clock.now = 999;
    expect(limit.take('a', 1).ok).toBe(false);
    clock.now = 1000;
    expect(limit.take('a', 1).ok).toBe(true);
    expect(limit.take('a', 1)).toEqual({ ok: false, remaining: 0, seconds: 1 });
  });

  test('after the seconds that it names, the same is granted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(fc.nat(5_000), { maxLength: 50 }), (quota, wishes) => {
        const { clock, limit } = setUp({ quota });
        for (const wish of wishes) {
          const units = Math.min(wish, quota);
          const { ok, seconds } = limit.take('a', units);
          if (ok) continue;
          clock.now += seconds * 1000;
          expect(limit.take('a', units).ok).toBe(true);
        }
      }),
    );
  });

  test('never grants more than the quota and what came back', () => {
    const asked = fc.array(fc.tuple(fc.nat(100), fc.nat(3_000)), { maxLength: 200 });
    fc.assert(
      fc.property(asked, (steps) => {
        const { clock, limit } = setUp({ quota: 120 });
        let granted = 0;
        for (const [units, ms] of steps) {
          clock.now += ms;
          if (limit.take('a', units).ok) granted += units;
          expect(granted).toBeLessThanOrEqual(120 + clock.now / 500 + 0.01);
        }
      }),
    );
  });

  test('is for each client alone', () => {
    const { limit } = setUp({ quota: 1 });
    expect([limit.take('a', 1).ok, limit.take('b', 1).ok, limit.take('a', 1).ok]).toEqual([true, true, false]);
  });

  test('knows a bounded number of clients, and forgets who has not asked for longest', () => {
    const { limit } = setUp({ quota: 1, maxClients: 2 });
    for (const client of ['a', 'b', 'c']) limit.take(client, 1);
    expect(limit.take('c', 1).ok).toBe(false);
    expect(limit.take('b', 1).ok).toBe(false);
    expect(limit.take('a', 1).ok).toBe(true);
  });
});
