import { ChronosError, proofsRequestSchema, submitRequestSchema } from '@chronos/shared';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseProofsRequest, parseSubmission } from './digests.js';

const A = 'a'.repeat(64);
const B = '0123456789abcdef'.repeat(4);

function refusal(parse: (body: unknown) => unknown, body: unknown): ChronosError {
  try {
    parse(body);
  } catch (error) {
    if (error instanceof ChronosError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a submission', () => {
  test('gives its digests in hex and in bytes, in the order sent', () => {
    expect(parseSubmission({ digest: A })).toEqual({ hex: [A], bytes: Buffer.from(A, 'hex') });
    expect(parseSubmission({ digests: [B, A, B] })).toEqual({ hex: [B, A, B], bytes: Buffer.from(B + A + B, 'hex') });
  });

  test.each<[string, unknown, object]>([
    ['no object', [A], { message: expect.stringContaining('the body is not an object') }],
    ['null', null, { message: expect.stringContaining('the body is not an object') }],
    ['nothing', {}, { field: 'digest', message: expect.stringContaining('digest is missing') }],
    ['both', { digest: A, digests: [A] }, { field: 'digests', message: expect.stringContaining('send one of them') }],
    [
      'an unknown key',
      { digest: A, hash: A },
      { field: 'hash', message: expect.stringContaining('"hash" is not known') },
    ],
    ['no digests', { digests: [] }, { field: 'digests', message: expect.stringContaining('is empty') }],
    ['no list', { digests: A }, { field: 'digests', message: expect.stringContaining('not an array') }],
    [
      'too many',
      { digests: Array<string>(10_001).fill(A) },
      { field: 'digests', message: 'digests has 10001 digests: send at most 10,000 at once' },
    ],
  ])(
    'with %s is refused, with field and remedy',
    (_, body, { field, message }: { field?: string; message?: unknown }) => {
      const error = refusal(parseSubmission, body);
      expect(error.code).toBe('invalid_request');
      expect(error.message).toEqual(message);
      expect(error.details.field).toBe(field);
    },
  );

  test.each<[string, unknown, string]>([
    ['upper-case', A.toUpperCase(), 'upper case'],
    ['0x-prefixed', `0x${A}`, '0x'],
    ['short', A.slice(2), '62 hex digits'],
    ['long', `${A}aa`, '66 hex digits'],
    ['foreign', `${A.slice(1)}g`, 'not hex digits'],
    ['wide', `${A.slice(1)}\u{1f600}`, 'not hex digits'],
    ['empty', '', '0 hex digits'],
    ['numeric', 7, 'not a string'],
    ['null', null, 'not a string'],
  ])('with a %s digest is refused, with its place and remedy', (_, digest, remedy) => {
    const alone = refusal(parseSubmission, { digest });
    expect(alone.code).toBe('invalid_digest');
    expect(alone.message).toMatch(new RegExp(`^digest .*${remedy}`));
    expect(alone.details).toEqual({ field: 'digest' });
    const among = refusal(parseSubmission, { digests: [A, digest, 'x'] });
    expect(among.code).toBe('invalid_digest');
    expect(among.message).toMatch(new RegExp(`^digests\\[1\\] .*${remedy}`));
    expect(among.details).toEqual({ field: 'digests', index: 1 });
  });
});

describe('the check by hand and the schemas of the API', () => {
  const digest = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{64}$/),
    fc.stringMatching(/^[0-9a-fA-F]{62,66}$/),
    fc.string(),
    fc.constant(null),
    fc.integer(),
  );
  const request = fc.oneof(
    fc.record({ digest }),
    fc.record({ digests: fc.array(digest, { maxLength: 3 }) }),
    fc.record({ digest, digests: fc.array(digest, { maxLength: 2 }), other: fc.string() }, { requiredKeys: [] }),
    fc.jsonValue(),
  );
  const takes = (parse: (body: unknown) => unknown, body: unknown) => {
    try {
      parse(body);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ChronosError);
      return false;
    }
  };

  test('take and refuse the same submissions', () => {
    fc.assert(
      fc.property(request, (body) => {
        expect(takes(parseSubmission, body)).toBe(submitRequestSchema.safeParse(body).success);
      }),
      { numRuns: 500 },
    );
  });

  test('take and refuse the same requests for proofs', () => {
    fc.assert(
      fc.property(request, (body) => {
        expect(takes(parseProofsRequest, body)).toBe(proofsRequestSchema.safeParse(body).success);
      }),
      { numRuns: 500 },
    );
    const list = (length: number) => ({ digests: Array<string>(length).fill(A) });
    expect(takes(parseProofsRequest, list(1000))).toBe(true);
    expect(takes(parseProofsRequest, list(1001))).toBe(false);
    expect(takes(parseSubmission, list(10_000))).toBe(true);
  });
});
