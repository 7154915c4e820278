import { ChronosError } from '@chronos/shared';
import { expect, test } from '@jest/globals';
import { isRefusal, retryMs } from './poll.js';

test('asks less and less often, and never before the service said', () => {
  expect([1, 2, 3, 9].map((faults) => retryMs(faults, undefined, 0.5))).toEqual([1_000, 2_000, 4_000, 30_000]);
  const busy = new ChronosError('overloaded', 'too much', { retryAfterSeconds: 7 });
  expect(retryMs(1, busy, 0.5)).toBe(7_000);
  const absurd = new ChronosError('overloaded', 'too much', { retryAfterSeconds: 86_400 });
  expect(retryMs(1, absurd, 0.5)).toBe(30_000);
});

test.each([
  ['invalid_digest', true],
  ['request_too_large', true],
  ['unknown_digest', true],
  ['rate_limited', false],
  ['request_timeout', false],
  ['overloaded', false],
  ['backend_unavailable', false],
  ['internal_error', false],
  ['service_unreachable', false],
] as const)('%s is final: %s', (code, refusal) => {
  expect(isRefusal(new ChronosError(code, 'so it is'))).toBe(refusal);
});

test('an error of ours is no refusal of the service', () => {
  expect(isRefusal(new TypeError('undefined is not a function'))).toBe(false);
});
