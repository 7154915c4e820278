import { describe, expect, test } from '@jest/globals';
import { ChronosError, ERRORS, isErrorCode } from './errors.js';
import { problemOf } from './problem.js';

test('every status is one that the design names', () => {
  const statuses = new Set(Object.values(ERRORS).map(({ status }) => status));
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([0, 400, 401, 404, 405, 408, 413, 415, 422, 429, 500, 503]);
});

describe('ChronosError', () => {
  test('has the status of its code, and 500 where the code does not travel', () => {
    expect(new ChronosError('rate_limited', 'slow down').status).toBe(429);
    expect(new ChronosError('store_unusable', 'no').status).toBe(500);
  });

  test('keeps its details and its cause', () => {
    const cause = new Error('disk');
    expect(new ChronosError('invalid_digest', 'm', { index: 2 }, cause)).toMatchObject({
      name: 'ChronosError',
      message: 'm',
      details: { index: 2 },
      cause,
    });
    expect('cause' in new ChronosError('overloaded', 'm')).toBe(false);
  });
});

test('only the codes of the table are codes', () => {
  expect(isErrorCode('pending')).toBe(true);
  for (const other of ['ok', 'toString', '__proto__', '', 404, null]) expect(isErrorCode(other)).toBe(false);
});

test('a problem tells code, status, place and request id, and no other detail', () => {
  const error = new ChronosError('invalid_digest', 'digests[3] is short', { field: 'digests', index: 3, secret: 'x' });
  expect(problemOf(error, 'r-1')).toEqual({
    type: 'urn:chronos:error:invalid_digest',
    title: 'A digest is not 64 lower-case hex digits',
    status: 400,
    detail: 'digests[3] is short',
    code: 'invalid_digest',
    requestId: 'r-1',
    field: 'digests',
    index: 3,
  });
});
