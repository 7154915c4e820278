import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { proofsRequestSchema, submitRequestSchema, windowsQuerySchema } from './api.js';
import { firstFault } from './fault.js';

function faultOf(schema: z.ZodType, value: unknown) {
  const result = schema.safeParse(value);
  if (result.success) throw new Error('it was taken');
  return firstFault(result.error);
}

const GOOD = 'ab'.repeat(32);

test.each([
  [{ digests: [GOOD, 'AB'.repeat(32)] }, 'digests[1]', 'is in upper case: send it in lower case'],
  [{ digests: ['x', 'y', 'z'] }, 'digests[0]', 'holds characters that are not hex digits: send 64 of 0-9 and a-f'],
  [{ digests: [] }, 'digests', 'is empty: send at least one digest'],
  [{ digests: new Array(10_001).fill(GOOD) }, 'digests', 'has 10001 digests: send at most 10,000 at once'],
  [{ digests: GOOD }, 'digests', 'Invalid input: expected array, received string'],
  [{ digests: [GOOD], more: 1 }, '', 'Unrecognized key: "more"'],
  [{ digest: '0x' }, 'digest', 'starts with 0x: send the 64 hex digits alone'],
  [{ digest: GOOD, more: 1 }, '', 'Unrecognized key: "more"'],
  [{}, 'digest', 'Invalid input: expected string, received undefined'],
])('of a submission %j, %s is named', (value, field, message) => {
  expect(faultOf(submitRequestSchema, value)).toMatchObject({ field, message });
});

test('of what is no union, the first fault is named', () => {
  expect(faultOf(proofsRequestSchema, { digests: [GOOD, 7] })).toMatchObject({
    path: ['digests', 1],
    field: 'digests[1]',
  });
  expect(faultOf(windowsQuerySchema, { limit: '1e3' })).toMatchObject({
    field: 'limit',
    message: 'must be a whole number',
  });
  expect(faultOf(z.object({}), 3)).toMatchObject({ path: [], field: '' });
});
