import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readConfig, settingsSchema } from './config.js';

const FRIEND = '0x4BAF5faDA8e5Db92C3d3242618c5B47133AE003C';

test('everything has a default', () => {
  expect(readConfig({}, {})).toMatchObject({
    host: '127.0.0.1',
    port: 7446,
    chainId: 31_337,
    blockMs: 1000,
    flavour: 2,
  });
});

test('an empty variable is not set, and a flag goes before a variable', () => {
  const environment = { CHRONOS_DEVNET_PORT: '', CHRONOS_DEVNET_FLAVOUR: '2', CHRONOS_DEVNET_CHAIN_ID: '333' };
  expect(readConfig({ CHRONOS_DEVNET_FLAVOUR: '1' }, environment)).toMatchObject({
    port: 7446,
    flavour: 1,
    chainId: 333,
  });
});

test('funds are addresses with Qa', () => {
  const given = `${FRIEND}=1000000000000, zil1504065pp76uuxm7s9m2c4gwszhez8pu3mp6r8c=5`;
  expect(readConfig({ CHRONOS_DEVNET_FUND: given }, {}).fund).toEqual({
    [FRIEND]: 1_000_000_000_000n,
    zil1504065pp76uuxm7s9m2c4gwszhez8pu3mp6r8c: 5n,
  });
});

test('every fault is told at once', () => {
  const flags = {
    CHRONOS_DEVNET_PORT: 'many',
    CHRONOS_DEVNET_CHAIN_ID: '65536',
    CHRONOS_DEVNET_FLAVOUR: '3',
    CHRONOS_DEVNET_FUND: `${FRIEND}=1.5`,
    CHRONOS_DEVNET_MIN_GAS_PRICE_QA: '-1',
  };
  expect(() => readConfig(flags, {})).toThrow(
    [
      'CHRONOS_DEVNET_PORT must be a whole number from 0 to 65535',
      'CHRONOS_DEVNET_CHAIN_ID must be a whole number from 1 to 65535',
      'CHRONOS_DEVNET_FLAVOUR must be 1 or 2',
      'CHRONOS_DEVNET_MIN_GAS_PRICE_QA must be a whole number of Qa',
      'CHRONOS_DEVNET_FUND must be ADDRESS=QA, several of them separated by commas',
    ].join('\n'),
  );
});

test('README.md lists every setting and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const listed = [...readme.matchAll(/`(CHRONOS_DEVNET_[A-Z_]+)`/g)].map(([, name]) => name);
  expect([...new Set(listed)].sort()).toEqual(Object.keys(settingsSchema.shape).sort());
});
