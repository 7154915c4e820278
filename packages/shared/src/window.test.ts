import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isoTime, windowEndMs, windowIdAt } from './window.js';

test('a window starts at a multiple of its length and holds the time it was asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 42 }), fc.integer({ min: 1, max: 86_400 }), (timeMs, seconds) => {
      const id = windowIdAt(timeMs, seconds);
      expect(id % seconds).toBe(0);
      expect(id * 1000).toBeLessThanOrEqual(timeMs);
      expect(timeMs).toBeLessThan(windowEndMs(id, seconds));
    }),
  );
});

test('the last millisecond belongs to the window, the next one to the next', () => {
  expect(windowIdAt(1795171229_999, 30)).toBe(1795171200);
  expect(windowIdAt(1795171230_000, 30)).toBe(1795171230);
});

test('times are written in UTC with milliseconds', () =>
  expect(isoTime(1795171200_120)).toBe('2026-11-20T10:40:00.120Z'));
