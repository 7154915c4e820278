import { describe, expect, test } from '@jest/globals';
import {
  consistencyQuerySchema,
  proofQuerySchema,
  verifyRequestSchema,
  windowIdSchema,
  windowsQuerySchema,
} from './api.js';

const JUNK = [
  '',
  ' 1',
  '1 ',
  '+1',
  '-1',
  '1.0',
  '1e1',
  '0x10',
  '01',
  'one',
  '9007199254740992',
  '99999999999999999',
  ['1', '2'],
  1,
];

describe('query parameters', () => {
  test.each(JUNK)('%j is no whole number', (value) => {
    expect(windowsQuerySchema.safeParse({ before: value }).success).toBe(false);
    expect(windowIdSchema.safeParse(value).success).toBe(false);
  });

  test('have their defaults and their limits', () => {
    expect(windowsQuerySchema.parse({})).toEqual({ limit: 20 });
    expect(windowsQuerySchema.parse({ limit: '100', before: '0' })).toEqual({ limit: 100, before: 0 });
    expect(windowsQuerySchema.safeParse({ limit: '101' }).success).toBe(false);
    expect(windowsQuerySchema.safeParse({ limit: '0' }).success).toBe(false);
    expect(proofQuerySchema.parse({})).toEqual({ wait: 0 });
    expect(proofQuerySchema.parse({ wait: '60' })).toEqual({ wait: 60 });
    expect(proofQuerySchema.safeParse({ wait: '61' }).success).toBe(false);
    expect(consistencyQuerySchema.parse({ from: '1', to: '2' })).toEqual({ from: 1, to: 2 });
    expect(consistencyQuerySchema.safeParse({ from: '0', to: '2' }).success).toBe(false);
    expect(consistencyQuerySchema.safeParse({ from: '1' }).success).toBe(false);
  });

  test('unknown ones are refused', () => {
    expect(windowsQuerySchema.safeParse({ limt: '5' }).success).toBe(false);
  });
});

test('a proof to verify is taken as it comes, so that its faults are the answer', () => {
  const request = { digest: 'ab'.repeat(32), proof: { format: 7, anything: [] } };
  expect(verifyRequestSchema.parse(request)).toEqual(request);
});
