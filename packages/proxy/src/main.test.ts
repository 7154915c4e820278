import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const program = fileURLToPath(new URL('../bin/chronos-proxy.js', import.meta.url));
let folder: string;
let tokenFile: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chronos-proxy-'));
  tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'a-secret-token-of-more-than-32-characters', { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The program, as the shell would start it. */
function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, [program], { env: { PATH: process.env['PATH'], ...environment } });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (said.stderr += String(chunk)));
  return { child, said, ended: once(child, 'close') as Promise<[number | null]> };
}

describe('chronos-proxy', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, and ends with 0 on %s', async (signal) => {
    const { child, said, ended } = start({
      CHRONOS_PORT: '0',
      CHRONOS_METRICS_PORT: '0',
      CHRONOS_DRAIN_SECONDS: '0',
      CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
    });
    while (!said.stdout.includes('\n')) await once(child.stdout, 'data');
    const { msg, port } = JSON.parse(said.stdout);
    expect(msg).toBe('proxy is listening');
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect(said.stderr).toBe('');
    expect(said.stdout).not.toContain('a-secret-token');
  });

  test('goes on while it drains, and ends at once when it is told twice', async () => {
    const { child, said, ended } = start({
      CHRONOS_PORT: '0',
      CHRONOS_METRICS_PORT: '0',
      CHRONOS_DRAIN_SECONDS: '300',
      CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
    });
    while (!said.stdout.includes('\n')) await once(child.stdout, 'data');
    const { port } = JSON.parse(said.stdout);
    child.kill('SIGTERM');
    const isDraining = async () =>
      (await fetch(`http://127.0.0.1:${port}/healthz`)).headers.get('connection') === 'close';
    while (!(await isDraining()));
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  test('tells every fault of its settings and ends with 1', async () => {
    const { said, ended } = start({ CHRONOS_PORT: 'many', CHRONOS_NETWORK: 'moon' });
    expect(await ended).toEqual([1, null]);
    expect(said.stdout).toBe('');
    expect(said.stderr.trimEnd().split('\n')).toEqual([
      'chronos-proxy: CHRONOS_PORT must be a port number',
      'chronos-proxy: CHRONOS_PRIVATE_TOKEN_FILE must name the file that holds the token shared with anchord',
      'chronos-proxy: CHRONOS_NETWORK must be one of mainnet, testnet, local',
    ]);
  });

  test('says in one line that its port is taken and ends with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { said, ended } = start({
      CHRONOS_PORT: String(port),
      CHRONOS_METRICS_PORT: '0',
      CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
    });
    expect(await ended).toEqual([1, null]);
    expect(said.stderr).toBe(
      `chronos-proxy: cannot listen on 127.0.0.1:${port}: the port is taken: stop what uses it, or set CHRONOS_PORT\n`,
    );
    other.close();
  });
});
