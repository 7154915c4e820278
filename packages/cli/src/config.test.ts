import { describe, expect, test } from '@jest/globals';
import { parseServerUrl, readConfig, shownUrl } from './config.js';

describe('settings', () => {
  test('CHRONOS_URL names the service, NO_COLOR and a dumb terminal switch colours off; empty counts as not set', () => {
    expect(readConfig({})).toMatchObject({ server: 'http://127.0.0.1:7400', colors: true });
    expect(readConfig({ CHRONOS_URL: '', NO_COLOR: '' })).toMatchObject({
      server: 'http://127.0.0.1:7400',
      colors: true,
    });
    expect(readConfig({ CHRONOS_URL: 'https://c.example' }).server).toBe('https://c.example');
    expect(readConfig({ NO_COLOR: '1' }).colors).toBe(false);
    expect(readConfig({ TERM: 'dumb' }).colors).toBe(false);
  });

  test('an address that is none is refused with the name of where it was given, and is not repeated', () => {
    for (const text of ['c.example', 'ftp://c.example', '', 'http://c.example/?a=1', 'http://c.example/#a']) {
      expect(() => parseServerUrl(text, 'CHRONOS_URL')).toThrow(/^CHRONOS_URL /);
    }
    expect(parseServerUrl('https://c.example/base/', '--server')).toBe('https://c.example/base');
  });

  test('a password is never shown', () => {
    expect(shownUrl('https://user:secret@c.example/base')).toBe('https://c.example/base');
  });
});
