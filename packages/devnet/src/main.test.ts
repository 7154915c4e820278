import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDevnet, rpc } from './test-support/test-devnet.js';

const program = fileURLToPath(new URL('../bin/chronos-devnet.js', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chronos-devnet-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The program, as the shell would start it. */
function start(flags: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, ...flags], { env: { PATH: process.env['PATH'], ...environment } });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (said.stderr += String(chunk)));
  return { child, said, ended: once(child, 'close') as Promise<[number | null]> };
}

describe('chronos-devnet', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'says what it is and where, and on %s saves and ends with 0',
    async (signal) => {
      const state = join(folder, 'state.json');
      const fund = `${'11'.repeat(20)}=7`;
      const flags = [
        '--port',
        '0',
        '--block-ms',
        '10',
        '--fund',
        fund,
        '--fund',
        `${'22'.repeat(20)}=8`,
        '--state',
        state,
      ];
      const { child, said, ended } = start(flags, { CHRONOS_DEVNET_FINALITY_BLOCKS: '0' });
      while (!said.stdout.includes('\n')) await once(child.stdout, 'data');
      expect(said.stdout).toMatch(
        /^chronos-devnet .* a local development chain, not Zilliqa; it runs only the Chronos anchor contract/,
      );
      expect(said.stdout).toContain('zilliqa:31337 (version field 2053701633)');
      const url = /http:\S+/.exec(said.stdout)![0];
      expect((await rpc(url, 'GetBalance', '22'.repeat(20))).result).toEqual({ balance: '8', nonce: 0 });
      while ((await rpc(url, 'GetNumTxBlocks')).result === '0');
      child.kill(signal);
      expect(await ended).toEqual([0, null]);
      expect(said.stderr).toBe('');
      expect(existsSync(state)).toBe(true);
    },
  );

  test('tells every fault of its settings and ends with 1', async () => {
    const { said, ended } = start(['--port', 'many'], { CHRONOS_DEVNET_FLAVOUR: '3' });
    expect(await ended).toEqual([1, null]);
    expect(said.stdout).toBe('');
    expect(said.stderr.trimEnd().split('\n')).toEqual([
      'chronos-devnet: CHRONOS_DEVNET_PORT must be a whole number from 0 to 65535',
      'chronos-devnet: CHRONOS_DEVNET_FLAVOUR must be 1 or 2',
    ]);
  });

  test('says in a line that its port is taken', async () => {
    const { devnet } = await openDevnet();
    const { port } = new URL(devnet.url);
    const { said, ended } = start(['--port', port]);
    expect(await ended).toEqual([1, null]);
    expect(said.stderr).toBe(`chronos-devnet: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
    await devnet.close();
  });

  test('refuses a file that is no state in a line', async () => {
    const state = join(folder, 'notes.json');
    writeFileSync(state, '{}');
    const { said, ended } = start(['--port', '0', '--state', state]);
    expect(await ended).toEqual([1, null]);
    expect(said.stderr).toBe(`chronos-devnet: ${state} is not a state of chronos-devnet\n`);
  });
});
