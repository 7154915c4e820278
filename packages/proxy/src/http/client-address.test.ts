import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { ClientAddresses, clientKey, clientPrefix, type TrustedHops } from './client-address.js';

const logger = pino({ level: 'silent' });

function clientOf(trusted: TrustedHops, peer: string, forwarded?: string): string {
  return new ClientAddresses(trusted, logger).behind(peer, forwarded);
}

describe('the client of a request', () => {
  test.each<[string, TrustedHops, string, string | undefined, string]>([
    ['is the peer where nobody is trusted', [], '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['is the peer where another is trusted', ['10.0.0.0/8'], '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['is whom a trusted hop names', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['is the peer where a trusted hop names nobody', ['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    ['is not whom the client names', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    [
      'is found behind two trusted hops',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '203.0.113.9, 198.51.100.7, 10.9.9.9',
      '198.51.100.7',
    ],
    [
      'is not a trusted hop that the client names',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '10.7.7.7, 198.51.100.7',
      '198.51.100.7',
    ],
    ['is the hop itself where its word is no address', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.7, unknown', '10.1.2.3'],
    ['is the last entry behind one hop', 1, '10.1.2.3', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['is the last but one behind two', 2, '10.1.2.3', '203.0.113.9, 198.51.100.7', '203.0.113.9'],
    ['is the first where hops are missing', 3, '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    [
      'is an IPv4 address on a socket of both families',
      ['10.0.0.0/8'],
      '::ffff:10.1.2.3',
      '::FFFF:198.51.100.7',
      '198.51.100.7',
    ],
    ['may be of IPv6', ['2001:db8::/32'], '2001:db8::1', '2001:db9::5', '2001:db9::5'],
  ])('%s', (_, trusted, peer, forwarded, client) => {
    expect(clientOf(trusted, peer, forwarded)).toBe(client);
  });

  test('whatever the client writes before the entry of a trusted hop changes nothing', () => {
    fc.assert(
      fc.property(fc.string(), (forged) => {
        expect(clientOf(['10.0.0.1'], '10.0.0.1', `${forged}, 198.51.100.7`)).toBe('198.51.100.7');
      }),
    );
  });

  test('a header that is not believed is told once', () => {
    const told: string[] = [];
    const addresses = new ClientAddresses(1, { warn: (_: unknown, text: string) => told.push(text) } as never);
    const untrusting = new ClientAddresses([], { warn: (_: unknown, text: string) => told.push(text) } as never);
    for (let i = 0; i < 3; i++) {
      addresses.behind('192.0.2.1', '1.2.3.4');
      untrusting.behind('192.0.2.1', '1.2.3.4');
    }
    expect(told).toEqual([expect.stringContaining('CHRONOS_TRUSTED_PROXIES')]);
  });
});

test.each([
  ['192.0.2.17', '192.0.2.17', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:db8::9', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
  ['1:2:3::4.5.6.7', '1:2:3:0::/64', '1:2:3::/48'],
])('%s counts as %s and is logged as %s', (address, key, prefix) => {
  expect([clientKey(address), clientPrefix(address)]).toEqual([key, prefix]);
});
