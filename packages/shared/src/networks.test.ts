import { expect, test } from '@jest/globals';
import { findNetwork, NETWORKS } from './networks.js';

test('a network is found by either of its chains, and by nothing else', () => {
  for (const network of NETWORKS) {
    expect(findNetwork(network.evmChain)).toBe(network);
    expect(findNetwork(network.nativeChain)).toBe(network);
  }
  expect(findNetwork('eip155:1')).toBeUndefined();
  expect(findNetwork('')).toBeUndefined();
});

test('no two networks share a chain', () => {
  const chains = NETWORKS.flatMap(({ evmChain, nativeChain }) => [evmChain, nativeChain]);
  expect(new Set(chains).size).toBe(chains.length);
});

test('explorers are linked to by transaction and by block', () => {
  expect(findNetwork('eip155:32769')?.explorer?.transaction('0xab')).toBe('https://zilliqa.blockscout.com/tx/0xab');
  expect(findNetwork('eip155:32769')?.explorer?.block(7)).toBe('https://zilliqa.blockscout.com/block/7');
});
