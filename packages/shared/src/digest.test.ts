import { describe, expect, test } from '@jest/globals';
import { parseDigest } from './digest.js';
import { ChronosError } from './errors.js';

const GOOD = '6b49e5fee4cba58e5947760d8ba36f6e4ccaf2c8ace4ffd4692d3c4fb308ce8e';

function refusal(text: string, field?: string, index?: number): ChronosError {
  try {
    parseDigest(text, field, index);
  } catch (error) {
    if (error instanceof ChronosError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('parseDigest', () => {
  test('gives the 32 bytes', () => expect(Buffer.from(parseDigest(GOOD)).toString('hex')).toBe(GOOD));

  test.each([
    [`0x${GOOD}`, 'digest starts with 0x: send the 64 hex digits alone'],
    [`0X${GOOD}`, 'digest starts with 0x: send the 64 hex digits alone'],
    [` ${GOOD}`, 'digest holds characters that are not hex digits: send 64 of 0-9 and a-f'],
    [`${GOOD}\n`, 'digest holds characters that are not hex digits: send 64 of 0-9 and a-f'],
    [GOOD.slice(1), 'digest has 63 hex digits: a SHA-256 digest has 64'],
    ['', 'digest has 0 hex digits: a SHA-256 digest has 64'],
    [GOOD.slice(0, 40), 'digest has 40 hex digits: a SHA-256 digest has 64'],
    [GOOD.toUpperCase(), 'digest is in upper case: send it in lower case'],
  ])('says what is wrong with %j', (text, message) => {
    expect(refusal(text)).toMatchObject({ code: 'invalid_digest', status: 400, message });
  });

  test('says where it stood', () => {
    expect(refusal('', 'digests', 3)).toMatchObject({
      message: 'digests[3] has 0 hex digits: a SHA-256 digest has 64',
      details: { field: 'digests', index: 3 },
    });
    expect(refusal('').details).toEqual({ field: 'digest' });
  });
});
