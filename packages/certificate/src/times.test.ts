import { describe, expect, test } from '@jest/globals';
import { localInWords, plainUtc, utcInWords } from './times.js';
import { wordsOf } from './words/languages.js';

const en = wordsOf('en');
const de = wordsOf('de');

describe('a time in words', () => {
  test('names its zone, and in local time the distance from UTC too', () => {
    expect(utcInWords('2026-11-20T10:41:03.000Z', en)).toBe('20 November 2026, 10:41:03 UTC');
    expect(utcInWords('2026-03-01T00:00:00.000Z', de)).toBe('1. März 2026, 00:00:00 UTC');
    expect(localInWords('2026-11-20T10:41:03.000Z', 'Europe/Berlin', en)).toBe(
      '20 November 2026, 11:41:03 (UTC+01:00) in the time zone Europe/Berlin',
    );
    expect(localInWords('2026-07-01T23:30:00.000Z', 'Europe/Berlin', de)).toBe(
      '2. Juli 2026, 01:30:00 (UTC+02:00) in der Zeitzone Europe/Berlin',
    );
  });

  test.each([
    ['Asia/Kathmandu', '21 November 2026, 05:30:00 (UTC+05:45)'],
    ['America/St_Johns', '20 November 2026, 20:15:00 (UTC−03:30)'],
    ['Pacific/Kiritimati', '21 November 2026, 13:45:00 (UTC+14:00)'],
  ])('in %s it is %s', (zone, words) =>
    expect(localInWords('2026-11-20T23:45:00.000Z', zone, en)).toBe(`${words} in the time zone ${zone}`),
  );

  test('the hour that daylight saving repeats is told apart by the distance', () => {
    expect(localInWords('2026-10-25T00:30:00.000Z', 'Europe/Berlin', en)).toContain('02:30:00 (UTC+02:00)');
    expect(localInWords('2026-10-25T01:30:00.000Z', 'Europe/Berlin', en)).toContain('02:30:00 (UTC+01:00)');
  });

  test('where local time is UTC it is not told twice', () => {
    expect(localInWords('2026-11-20T10:41:03.000Z', 'UTC', en)).toBeUndefined();
    expect(localInWords('2026-11-20T10:41:03.000Z', 'Europe/London', en)).toBeUndefined();
  });

  test('milliseconds are never cut off: "no later than" would claim too much', () => {
    expect(plainUtc('2026-11-20T10:41:03.999Z')).toBe('2026-11-20 10:41:03.999 UTC');
    expect(localInWords('2026-11-20T10:41:03.999Z', 'Europe/Berlin', en)).toContain('11:41:03.999 ');
  });

  test('a time zone that is none is refused', () =>
    expect(() => localInWords('2026-11-20T10:41:03.000Z', 'Mars/Olympus', en)).toThrow(RangeError));
});
