import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ChronosError, TOKENS_WANTED } from '@chronos/shared';
import { readAdminConfig, readConfig, readDeployConfig, readFsckConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'chronos-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${'7'.repeat(64)}\n`, { mode: 0o600 });
const shortTokenFile = join(folder, 'short');
writeFileSync(shortTokenFile, 'secret', { mode: 0o600 });
const openTokenFile = join(folder, 'open');
writeFileSync(openTokenFile, '7'.repeat(64), { mode: 0o640 });

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
    privateApi: { host: '127.0.0.1', port: 7401, tokenFile },
    adminApi: { host: '127.0.0.1', port: 7402 },
    metricsApi: { host: '127.0.0.1', port: 7403 },
  });
});

test('an empty variable counts as none', () => {
  const empty = { ...complete, CHRONOS_EVM_RPC_URLS: '', CHRONOS_WALLET_PASSPHRASE_FILE: '', CHRONOS_ANCHORD_PORT: '' };
  expect(readConfig(empty)).toEqual(readConfig(complete));
  expect(faultsOf(() => readConfig({ ...complete, CHRONOS_DATA_DIR: '' }))).toEqual(['CHRONOS_DATA_DIR is missing']);
});

test('TLS for proxies is given whole or not at all', () => {
  const pem = { ...complete, CHRONOS_PRIVATE_TLS_CERT_FILE: tokenFile, CHRONOS_PRIVATE_TLS_KEY_FILE: tokenFile };
  expect(faultsOf(() => readConfig(pem))).toEqual(['CHRONOS_PRIVATE_TLS_CA_FILE is missing: set all three, or none']);
  expect(readConfig({ ...pem, CHRONOS_PRIVATE_TLS_CA_FILE: tokenFile }).privateApi.tls).toEqual({
    cert: `${'7'.repeat(64)}\n`,
    key: `${'7'.repeat(64)}\n`,
    ca: `${'7'.repeat(64)}\n`,
  });
  expect(faultsOf(() => readConfig({ ...pem, CHRONOS_PRIVATE_TLS_CA_FILE: join(folder, 'none') }))).toEqual([
    expect.stringMatching(/^CHRONOS_PRIVATE_TLS_CA_FILE cannot be read: ENOENT/),
  ]);
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
      `CHRONOS_PRIVATE_TOKEN_FILE: ${shortTokenFile} ${TOKENS_WANTED}`,
      `CHRONOS_ADMIN_TOKEN_FILE: ${join(folder, 'none')} cannot be read (ENOENT)`,
      'CHRONOS_EVM_CONTRACT is missing: the address that `anchord deploy-contract` printed',
    ].sort(),
  );
});

test('a token file that others may read is refused, and the message says how to mend it', () => {
  const [fault] = faultsOf(() => readConfig({ ...complete, CHRONOS_ADMIN_TOKEN_FILE: openTokenFile }));
  expect(fault).toContain(`CHRONOS_ADMIN_TOKEN_FILE: ${openTokenFile} can be read or written by others`);
  expect(fault).toContain(`chmod 600 ${openTokenFile}`);
  expect(fault).toContain('mode: 0400');
});

test('endpoints may stand in a file, one a line, for their passwords; then not in the variable too', () => {
  const file = join(folder, 'urls');
  writeFileSync(file, 'https://user:secret@one.example\nhttps://two.example\n');
  const environment = { ...complete, CHRONOS_EVM_RPC_URLS_FILE: file };
  expect(readConfig(environment)).toMatchObject({
    evm: { rpcUrls: ['https://user:secret@one.example', 'https://two.example'] },
  });
  expect(faultsOf(() => readConfig({ ...environment, CHRONOS_EVM_RPC_URLS: 'https://three.example' }))).toEqual([
    'CHRONOS_EVM_RPC_URLS and CHRONOS_EVM_RPC_URLS_FILE are both set: leave one of them',
  ]);
  writeFileSync(file, 'not a URL: secret');
  const faults = faultsOf(() => readConfig(environment)).join();
  expect(faults).toContain('CHRONOS_EVM_RPC_URLS must be http:// or https:// URLs');
  expect(faults).not.toContain('secret');
  const missing = { ...complete, CHRONOS_EVM_RPC_URLS_FILE: join(folder, 'none') };
  expect(faultsOf(() => readConfig(missing)).join()).toContain('cannot be read (ENOENT)');
  // Not the network's public endpoint in its place, by the other commands neither.
  expect(faultsOf(() => readDeployConfig(missing)).join()).toContain('cannot be read (ENOENT)');
  expect(faultsOf(() => readFsckConfig(missing)).join()).toContain('cannot be read (ENOENT)');
  expect(faultsOf(() => readAdminConfig(missing))).toEqual([]);
});

test('deploying the contract asks for the wallet and the network alone', () => {
  expect(readDeployConfig({ CHRONOS_WALLET_FILE: 'key', CHRONOS_NETWORK: 'testnet' })).toMatchObject({
    network: { evmChain: 'eip155:33101' },
    walletFile: 'key',
  });
  expect(faultsOf(() => readDeployConfig({}))).toEqual(['CHRONOS_WALLET_FILE is missing']);
});

describe('the chains', () => {
  const both = { ...complete, CHRONOS_CHAINS: 'evm,scilla', CHRONOS_SCILLA_CONTRACT: `0x${'5c'.repeat(20)}` };

  test('are the EVM alone where none is named', () => {
    const config = readConfig(complete);
    expect(config.scilla).toBeUndefined();
    expect(config.optionalChains).toEqual([]);
  });

  test('may be both, the native one on a network and with a wallet of its own, and not waited for', () => {
    const { evm, scilla, optionalChains } = readConfig({
      ...both,
      CHRONOS_OPTIONAL_CHAINS: 'scilla',
      CHRONOS_SCILLA_CHAIN_ID: '222',
      CHRONOS_SCILLA_RPC_URLS: 'http://node.example:5555',
      CHRONOS_SCILLA_WALLET_FILE: 'other',
    });
    expect(evm).toMatchObject({ contract: complete.CHRONOS_EVM_CONTRACT });
    expect(scilla).toEqual({
      ...{ chain: 'zilliqa:222', rpcUrls: ['http://node.example:5555'], contract: both.CHRONOS_SCILLA_CONTRACT },
      ...{ maxGasPriceQa: 10_000_000_000n, walletFile: 'other' },
    });
    expect(optionalChains).toEqual(['scilla']);
  });

  test('take the network and the wallet of the EVM where they have none of their own', () => {
    const { evm, scilla } = readConfig({ ...both, CHRONOS_CHAINS: 'scilla', CHRONOS_EVM_CONTRACT: '' });
    expect(evm).toBeUndefined();
    expect(scilla).toMatchObject({ chain: 'zilliqa:1', walletFile: complete.CHRONOS_WALLET_FILE });
  });

  test.each<[string, Record<string, string>, string]>([
    [
      'unknown',
      { CHRONOS_CHAINS: 'evm,bitcoin' },
      'CHRONOS_CHAINS must be names out of evm, scilla, separated by commas',
    ],
    ['named twice', { CHRONOS_CHAINS: 'evm,evm' }, 'CHRONOS_CHAINS names a chain twice'],
    [
      'without a contract',
      { CHRONOS_SCILLA_CONTRACT: '' },
      'CHRONOS_SCILLA_CONTRACT is missing: the address that `anchord deploy-contract --scilla` printed',
    ],
    [
      'optional and not there',
      { CHRONOS_CHAINS: 'evm', CHRONOS_OPTIONAL_CHAINS: 'scilla' },
      'CHRONOS_OPTIONAL_CHAINS: scilla is not among CHRONOS_CHAINS',
    ],
    [
      'all optional',
      { CHRONOS_OPTIONAL_CHAINS: 'scilla,evm' },
      'CHRONOS_OPTIONAL_CHAINS: at least one chain has to be required, or no window would ever wait for an anchor',
    ],
  ])('may not be %s', (_, changed, fault) => {
    expect(faultsOf(() => readConfig({ ...both, ...changed }))).toEqual([fault]);
  });
});
