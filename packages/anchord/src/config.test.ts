import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ChronosError } from '@chronos/shared';
import { readConfig, readDeployConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'chronos-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${'7'.repeat(64)}\n`);
const shortTokenFile = join(folder, 'short');
writeFileSync(shortTokenFile, 'secret');

const complete = {
  CHRONOS_DATA_DIR: join(folder, 'data'),
  CHRONOS_WALLET_FILE: join(folder, 'wallet'),
  CHRONOS_EVM_CONTRACT: '0x41b997fdc4e8c4ea19da3a68ac9041f66a9bfa00',
  CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
  CHRONOS_ADMIN_TOKEN_FILE: tokenFile,
};

function faultsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ChronosError);
    expect((error as ChronosError).code).toBe('invalid_settings');
    return (error as ChronosError).message.split('\n');
  }
  return [];
}

test('what is required is enough: the rest has its default', () => {
  expect(readConfig(complete)).toMatchObject({
    network: { name: 'mainnet' },
    evm: { rpcUrls: ['https://api.zilliqa.com'], maxFeeGwei: 20_000 },
    windowSeconds: 30,
    privateApi: { host: '127.0.0.1', port: 7401, token: '7'.repeat(64) },
    adminApi: { host: '127.0.0.1', port: 7402 },
  });
});

test('an empty variable counts as none', () => {
  const empty = { ...complete, CHRONOS_EVM_RPC_URLS: '', CHRONOS_WALLET_PASSPHRASE_FILE: '', CHRONOS_ANCHORD_PORT: '' };
  expect(readConfig(empty)).toEqual(readConfig(complete));
  expect(faultsOf(() => readConfig({ ...complete, CHRONOS_DATA_DIR: '' }))).toEqual(['CHRONOS_DATA_DIR is missing']);
});

test('every fault is told at once, those of the token files and of the contract included', () => {
  const faulty = {
    CHRONOS_NETWORK: 'ropsten',
    CHRONOS_EVM_RPC_URLS: 'ftp://node.example',
    CHRONOS_WINDOW_SECONDS: '0',
    CHRONOS_ANCHORD_PORT: '1e3',
    CHRONOS_ADMIN_PORT: '65536',
    CHRONOS_WALLET_FILE: complete.CHRONOS_WALLET_FILE,
    CHRONOS_PRIVATE_TOKEN_FILE: shortTokenFile,
    CHRONOS_ADMIN_TOKEN_FILE: join(folder, 'none'),
  };
  expect(faultsOf(() => readConfig(faulty)).sort()).toEqual(
    [
      'CHRONOS_DATA_DIR is missing',
      'CHRONOS_NETWORK must be one of mainnet, testnet, local',
      'CHRONOS_EVM_RPC_URLS must be http:// or https:// URLs, separated by commas',
      'CHRONOS_WINDOW_SECONDS must be a whole number from 1 to 3600',
      'CHRONOS_ANCHORD_PORT must be a whole number from 0 to 65535',
      'CHRONOS_ADMIN_PORT must be a whole number from 0 to 65535',
      `CHRONOS_PRIVATE_TOKEN_FILE: the token in ${shortTokenFile} is shorter than 32 characters`,
      `CHRONOS_ADMIN_TOKEN_FILE: ${join(folder, 'none')} cannot be read (ENOENT)`,
      'CHRONOS_EVM_CONTRACT is missing: the address that `anchord deploy-contract` printed',
    ].sort(),
  );
});

test('deploying the contract asks for the wallet and the network alone', () => {
  expect(readDeployConfig({ CHRONOS_WALLET_FILE: 'key', CHRONOS_NETWORK: 'testnet' })).toMatchObject({
    network: { evmChain: 'eip155:33101' },
    walletFile: 'key',
  });
  expect(faultsOf(() => readDeployConfig({}))).toEqual(['CHRONOS_WALLET_FILE is missing']);
});
