import { describe, expect, test } from '@jest/globals';
import { bytesInWords, describeChain, minutes, plural, printable, shellQuote, utc } from './words.js';

describe('words', () => {
  test('a time keeps its milliseconds where it has some, for "no later than" may not be rounded down', () => {
    expect(utc('2026-11-20T10:00:33.000Z')).toBe('2026-11-20 10:00:33 UTC');
    expect(utc('2026-11-20T10:00:33.250Z')).toBe('2026-11-20 10:00:33.250 UTC');
  });

  test('what comes from elsewhere cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\r\nc\u202ed\u009b')).toBe('a\ufffd[2Jb\ufffd\ufffdc\ufffdd\ufffd');
    expect(printable('Überblick 東京.pdf')).toBe('Überblick 東京.pdf');
  });

  test('names are quoted for the shell only where they have to be', () => {
    expect(shellQuote('a/b-1.pdf')).toBe('a/b-1.pdf');
    expect(shellQuote("it's here.pdf")).toBe(`'it'\\''s here.pdf'`);
  });

  test('amounts are told in words', () => {
    expect([0, 999, 1000, 2_147_483_648].map(bytesInWords)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '2.1 GB']);
    expect([0, 6.2, 65].map(minutes)).toEqual(['0:00', '0:07', '1:05']);
    expect([plural(1, 'proof'), plural(1200, 'proof')]).toEqual(['1 proof', '1,200 proofs']);
  });

  test('only a production chain comes without a warning', () => {
    expect(describeChain('eip155:32769')).toEqual({ title: 'Zilliqa mainnet (eip155:32769)' });
    expect(describeChain('eip155:33101').warning).toMatch(/trial/);
    expect(describeChain('eip155:31337').warning).toMatch(/proves nothing to anybody else/);
    expect(describeChain('eip155:5').warning).toMatch(/does not know this chain/);
  });
});
