import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePorts, type LocalService, type Ports, startService, temporaryFolder } from './support/service.js';

// Between proxy and anchord with CHRONOS_PRIVATE_TLS_…: the network between them may be read, but neither listened to nor spoken on by others.

const { folder, remove } = temporaryFolder();
let ports: Ports;
let service: LocalService;

interface Certificate {
  cert: string;
  key: string;
}

/** Made by openssl: of an authority, or an authority itself. */
function certificate(name: string, authority?: Certificate): Certificate {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
  const issuer = authority === undefined ? [] : ['-CA', authority.cert, '-CAkey', authority.key];
  const extension = authority === undefined ? 'basicConstraints=critical,CA:TRUE' : 'subjectAltName=IP:127.0.0.1';
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', extension, ...issuer, '-keyout', key, '-out', cert],
    ],
    { stdio: 'pipe' },
  );
  return { cert, key };
}

beforeAll(async () => {
  const authority = certificate('authority');
  const shared = certificate('chronos', authority);
  ports = await freePorts();
  service = await startService(join(folder, 'service'), ports, ['evm'], {
    CHRONOS_PRIVATE_TLS_CERT_FILE: shared.cert,
    CHRONOS_PRIVATE_TLS_KEY_FILE: shared.key,
    CHRONOS_PRIVATE_TLS_CA_FILE: authority.cert,
  });
}, 120_000);
afterAll(async () => {
  await service.stop();
  remove();
}, 60_000);

/** Asks anchord itself, with a certificate or none; resolves to the status, or rejects where no request gets through. */
async function ask(shown: Certificate | undefined, token: string): Promise<number | undefined> {
  const files =
    shown === undefined ? {} : { cert: readFileSync(shown.cert, 'utf8'), key: readFileSync(shown.key, 'utf8') };
  const outgoing = request({
    ...{ host: '127.0.0.1', port: ports.anchord, path: '/api/v1/status', agent: false },
    ...{ ca: readFileSync(join(folder, 'authority.pem'), 'utf8'), ...files },
    headers: { authorization: `Bearer ${token}` },
  });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

const token = () => readFileSync(join(folder, 'service', 'secrets', 'private.token'), 'utf8').trim();
const chronos = () => ({ cert: join(folder, 'chronos.pem'), key: join(folder, 'chronos-key.pem') });

describe('the private API with mutual TLS', () => {
  test('serves the proxy, which has a certificate of its authority', async () => {
    const response = await fetch(`${service.url}/api/v1/timestamps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ digest: randomBytes(32).toString('hex') }),
    });
    expect(response.status).toBe(202);
    expect(await ask(chronos(), token())).toBe(200);
  });

  test('hears nobody without one, or with one of another authority, not even with the right token', async () => {
    await expect(ask(undefined, token())).rejects.toThrow(/certificate required|ECONNRESET|socket hang up/);
    const stranger = certificate('stranger', certificate('another-authority'));
    await expect(ask(stranger, token())).rejects.toThrow(/unknown ca|certificate|ECONNRESET|socket hang up/);
    await expect(fetch(`http://127.0.0.1:${ports.anchord}/readyz`)).rejects.toThrow();
  });

  test('still wants the token, and counts who comes without', async () => {
    const counted = async () => {
      const text = await (await fetch(service.metricsUrl)).text();
      return Number(
        /^chronos_refused_calls_total\{listener="private",code="unauthorized"\} (\d+)$/m.exec(text)?.[1] ?? 0,
      );
    };
    const before = await counted();
    expect(await ask(chronos(), 'a-wrong-token-of-more-than-32-characters')).toBe(401);
    expect((await counted()) - before).toBe(1);
  });
});

test('a proxy does not talk to an anchord of another authority', async () => {
  const { startProxy } = await import('../../packages/proxy/dist/proxy.js');
  const { readConfig } = await import('../../packages/proxy/dist/config.js');
  const other = certificate('other', certificate('other-authority'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, token(), { mode: 0o600 });
  const proxy = await startProxy(
    readConfig({
      CHRONOS_PORT: '0',
      CHRONOS_METRICS_PORT: '0',
      CHRONOS_DRAIN_SECONDS: '0',
      CHRONOS_LOG_LEVEL: 'silent',
      CHRONOS_ANCHORD_URL: `https://127.0.0.1:${ports.anchord}`,
      CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
      CHRONOS_PRIVATE_TLS_CERT_FILE: other.cert,
      CHRONOS_PRIVATE_TLS_KEY_FILE: other.key,
      CHRONOS_PRIVATE_TLS_CA_FILE: join(folder, 'other-authority.pem'),
    }),
  );
  const response = await fetch(`http://127.0.0.1:${proxy.port}/api/v1/status`);
  expect([response.status, response.headers.has('retry-after')]).toEqual([503, true]);
  await proxy.close();
});
