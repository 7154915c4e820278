import { expect, test } from '@jest/globals';
import { endpointFault, splitEndpoints } from './endpoints.js';

test.each([
  ['https://api.zilliqa.com', undefined],
  ['http://127.0.0.1:7445', undefined],
  ['http://localhost:8545/path', undefined],
  ['http://node.example', 'plain'],
  ['http://127.0.0.1.example', 'plain'],
  ['ftp://node.example', 'no-address'],
  ['node.example', 'no-address'],
  ['javascript:alert(1)', 'no-address'],
])('%s as an endpoint: %s', (text, fault) => expect(endpointFault(text)).toBe(fault));

test('several endpoints stand in one line', () => {
  expect(splitEndpoints(' https://a.example, https://b.example\nhttps://c.example ')).toEqual([
    'https://a.example',
    'https://b.example',
    'https://c.example',
  ]);
  expect(splitEndpoints('  ')).toEqual([]);
});
