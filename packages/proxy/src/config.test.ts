import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChronosError, TOKENS_WANTED } from '@chronos/shared';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readConfig } from './config.js';
import { DEFAULT_LIMITS } from './limits.js';

const TOKEN = 't'.repeat(32);
let folder: string;
let tokenFile: string;

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chronos-proxy-'));
  tokenFile = file('token', `${TOKEN}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function faults(environment: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ChronosError && error.code === 'invalid_settings') return error.message.split('\n');
    throw error;
  }
  throw new Error('it was taken');
}

/** The settings but the page's folder, which is there only where the page was built. */
function settingsOf(environment: NodeJS.ProcessEnv) {
  const { webDir: _webDir, ...settings } = readConfig(environment);
  return settings;
}

describe('the settings', () => {
  test('have defaults, but for the token', () => {
    expect(settingsOf({ CHRONOS_PRIVATE_TOKEN_FILE: tokenFile })).toEqual({
      host: '127.0.0.1',
      port: 7400,
      anchordUrl: 'http://127.0.0.1:7401',
      privateTokenFile: tokenFile,
      network: 'mainnet',
      trustedProxies: [],
      quotas: { requests: 1_200, digests: 600_000, verifications: 60 },
      connectionsPerClient: 256,
      metrics: { host: '127.0.0.1', port: 7404 },
      drainMs: 5_000,
      logLevel: 'info',
      accessLog: 'errors',
      limits: DEFAULT_LIMITS,
    });
  });

  test('are read from the environment, and what belongs to others is left alone', () => {
    expect(
      settingsOf({
        CHRONOS_HOST: '0.0.0.0',
        CHRONOS_PORT: '8000',
        CHRONOS_ANCHORD_URL: 'https://anchord.internal:7401/',
        CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
        CHRONOS_PUBLIC_URL: 'https://chronos.example/',
        CHRONOS_NETWORK: 'testnet',
        CHRONOS_EVM_RPC_URLS: 'https://user:secret@one.example/v1, http://two.example',
        CHRONOS_SCILLA_RPC_URLS: 'http://three.example',
        CHRONOS_SCILLA_CHAIN_ID: '222',
        CHRONOS_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1',
        CHRONOS_CLIENT_REQUESTS_PER_MINUTE: '0',
        CHRONOS_CLIENT_DIGESTS_PER_MINUTE: '10000',
        CHRONOS_CLIENT_VERIFICATIONS_PER_MINUTE: '7',
        CHRONOS_CLIENT_CONNECTIONS: '8',
        CHRONOS_METRICS_HOST: '10.0.0.9',
        CHRONOS_METRICS_PORT: '9000',
        CHRONOS_DRAIN_SECONDS: '20',
        CHRONOS_LOG_LEVEL: 'debug',
        CHRONOS_ACCESS_LOG: 'all',
        CHRONOS_WINDOW_SECONDS: 'of no interest here',
        PATH: '/bin',
      }),
    ).toEqual({
      host: '0.0.0.0',
      port: 8000,
      anchordUrl: 'https://anchord.internal:7401',
      privateTokenFile: tokenFile,
      publicUrl: 'https://chronos.example',
      network: 'testnet',
      evmRpcUrls: ['https://user:secret@one.example/v1', 'http://two.example'],
      scillaRpcUrls: ['http://three.example'],
      nativeChain: 'zilliqa:222',
      trustedProxies: ['10.0.0.0/8', '2001:db8::1'],
      quotas: { requests: 0, digests: 10_000, verifications: 7 },
      connectionsPerClient: 8,
      metrics: { host: '10.0.0.9', port: 9000 },
      drainMs: 20_000,
      logLevel: 'debug',
      accessLog: 'all',
      limits: DEFAULT_LIMITS,
    });
  });

  test('tell all their faults at once, a line each', () => {
    expect(
      faults({
        CHRONOS_PORT: '0x1ce8',
        CHRONOS_ANCHORD_URL: 'anchord:7401',
        CHRONOS_PUBLIC_URL: 'https://chronos.example/?a=b',
        CHRONOS_NETWORK: 'mainet',
        CHRONOS_EVM_RPC_URLS: 'https://one.example,two',
        CHRONOS_LOG_LEVEL: 'loud',
      }),
    ).toEqual([
      'CHRONOS_PORT must be a port number',
      'CHRONOS_ANCHORD_URL must be a URL that starts with http:// or https://, without user, query and fragment',
      'CHRONOS_PRIVATE_TOKEN_FILE must name the file that holds the token shared with anchord',
      'CHRONOS_PUBLIC_URL must be a URL that starts with http:// or https://, without user, query and fragment',
      'CHRONOS_NETWORK must be one of mainnet, testnet, local',
      'CHRONOS_EVM_RPC_URLS must be URLs that start with http:// or https://, with commas between them',
      'CHRONOS_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
    ]);
  });

  test('take an empty variable for one that is not set', () => {
    const settings = {
      CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
      CHRONOS_HOST: '',
      CHRONOS_PORT: '',
      CHRONOS_PUBLIC_URL: '',
    };
    expect(readConfig(settings)).toEqual(readConfig({ CHRONOS_PRIVATE_TOKEN_FILE: tokenFile }));
    expect(faults({ CHRONOS_PRIVATE_TOKEN_FILE: '' })).toHaveLength(1);
  });

  test.each([
    ['2', 2],
    ['192.0.2.7', ['192.0.2.7']],
  ])('take %j for the hops that are trusted', (text, hops) => {
    expect(readConfig({ CHRONOS_PRIVATE_TOKEN_FILE: tokenFile, CHRONOS_TRUSTED_PROXIES: text }).trustedProxies).toEqual(
      hops,
    );
  });

  test.each(['0', '10', '10.0.0.0/33', '10.0.0/8', 'haproxy', '10.0.0.1,', '::/129', '::1/64/2'])(
    'refuse %j as the hops that are trusted',
    (text) => {
      expect(faults({ CHRONOS_PRIVATE_TOKEN_FILE: tokenFile, CHRONOS_TRUSTED_PROXIES: text })).toEqual([
        'CHRONOS_TRUSTED_PROXIES must be the number of hops (1 to 9), or addresses and ranges (10.0.0.0/8) with commas between them',
      ]);
    },
  );

  test('take TLS to anchord whole, and with an https address, or not at all', () => {
    const pem = file('some.pem', 'PEM');
    const common = { CHRONOS_PRIVATE_TOKEN_FILE: tokenFile, CHRONOS_PRIVATE_TLS_CERT_FILE: pem };
    expect(faults(common)).toEqual([expect.stringMatching(/: set all three, or none$/)]);
    const all = { ...common, CHRONOS_PRIVATE_TLS_KEY_FILE: pem, CHRONOS_PRIVATE_TLS_CA_FILE: pem };
    expect(faults(all)).toEqual([expect.stringMatching(/^CHRONOS_ANCHORD_URL must start with https/)]);
    expect(readConfig({ ...all, CHRONOS_ANCHORD_URL: 'https://anchord:7401' }).privateTls).toEqual({
      cert: 'PEM',
      key: 'PEM',
      ca: 'PEM',
    });
    expect(faults({ ...all, CHRONOS_PRIVATE_TLS_CA_FILE: join(folder, 'missing') })).toEqual([
      expect.stringMatching(/^CHRONOS_PRIVATE_TLS_CA_FILE cannot be read: ENOENT/),
    ]);
  });

  test('refuse a quota of digests that no full submission fits into', () => {
    expect(faults({ CHRONOS_PRIVATE_TOKEN_FILE: tokenFile, CHRONOS_CLIENT_DIGESTS_PER_MINUTE: '9999' })).toEqual([
      'CHRONOS_CLIENT_DIGESTS_PER_MINUTE must be 0 or at least 10000, so that a full submission is possible',
    ]);
  });

  test.each(['-1', '65536', '99999999', '7400.0', ' 7400', '1e3', '07400'])('refuse %j as a port', (port) => {
    expect(faults({ CHRONOS_PRIVATE_TOKEN_FILE: tokenFile, CHRONOS_PORT: port })).toEqual([
      expect.stringMatching(/^CHRONOS_PORT must be a port number/),
    ]);
  });

  test.each([
    ['is short', 'x'.repeat(31)],
    ['is empty', '\n'],
    ['has three lines', `${TOKEN}\n${TOKEN}\n${TOKEN}`],
  ])('refuse a token that %s, and do not repeat it', (_, content) => {
    expect(faults({ CHRONOS_PRIVATE_TOKEN_FILE: file('bad-token', content) })).toEqual([
      `CHRONOS_PRIVATE_TOKEN_FILE ${TOKENS_WANTED}`,
    ]);
  });

  test('take endpoints from a file, one a line, for their passwords', () => {
    const urls = file('urls', 'https://user:secret@one.example\nhttps://two.example\n');
    const environment = { CHRONOS_PRIVATE_TOKEN_FILE: tokenFile, CHRONOS_EVM_RPC_URLS_FILE: urls };
    expect(readConfig(environment)).toMatchObject({
      evmRpcUrls: ['https://user:secret@one.example', 'https://two.example'],
    });
    expect(faults({ ...environment, CHRONOS_EVM_RPC_URLS: 'https://three.example' })).toEqual([
      'CHRONOS_EVM_RPC_URLS and CHRONOS_EVM_RPC_URLS_FILE are both set: leave one of them',
    ]);
    expect(faults({ ...environment, CHRONOS_EVM_RPC_URLS_FILE: join(folder, 'none') }).join()).toContain('ENOENT');
  });

  test('say so when the token file cannot be read', () => {
    expect(faults({ CHRONOS_PRIVATE_TOKEN_FILE: join(folder, 'missing') })).toEqual([
      expect.stringMatching(/^CHRONOS_PRIVATE_TOKEN_FILE cannot be read: ENOENT/),
    ]);
  });
});
