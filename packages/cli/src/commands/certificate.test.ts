import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatProof, type Proof } from '@chronos/shared';
import { Bench } from '../testing/bench.js';

const NAME = 'Vertrag, „endgültig“ 契約.txt';

let bench: Bench;
let proof: Proof;

beforeAll(async () => {
  bench = await Bench.open();
  await writeFile(bench.path(NAME), 'the document');
  await bench.run(['stamp', NAME, '--wait']);
  proof = JSON.parse(await readFile(bench.path(`${NAME}.chronos.json`), 'utf8')) as Proof;
});
afterAll(() => bench.close());

const certificate = (...args: string[]) => bench.run(['certificate', ...args, '--time-zone', 'Europe/Berlin']);
const onChain = (...args: string[]) => certificate(...args, '--rpc', bench.chain.url);

/** The bytes hold the proof uncompressed, so that a look into them tells. */
async function bytesOf(name: string): Promise<string> {
  return (await readFile(bench.path(name))).toString('latin1');
}

describe('chronos certificate', () => {
  test('asks the chain, says so, and writes a PDF that carries the proof', async () => {
    const { exitCode, stdout, stderr } = await onChain(NAME, '--url', 'https://chronos.example');
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('Existed no later than 2026-11-20 10:40:33 UTC, local test chain (eip155:31337)');
    expect(stdout).toContain(`on the chain too: ${bench.chain.url}`);
    expect(stdout).toContain(`https://chronos.example/verify#${proof.digest.value}`);
    expect(stdout).toContain('proves nothing to anybody else');
    const bytes = await bytesOf(`${NAME}.certificate.pdf`);
    expect(bytes).toMatch(/^%PDF-1\.7/);
    expect(bytes).toContain(formatProof(proof));
  });

  test('the document, its proof, and both named make the same bytes; made again it is left as it is', async () => {
    expect((await onChain(NAME, '-o', 'a.pdf')).exitCode).toBe(0);
    expect((await onChain(`${NAME}.chronos.json`, '-o', 'b.pdf')).exitCode).toBe(0);
    expect((await onChain(NAME, `${NAME}.chronos.json`, '-o', 'c.pdf')).exitCode).toBe(0);
    expect(await bytesOf('b.pdf')).toBe(await bytesOf('a.pdf'));
    expect(await bytesOf('c.pdf')).toBe(await bytesOf('a.pdf'));
    expect((await onChain(NAME, '-o', 'a.pdf')).exitCode).toBe(0);
    expect((await onChain(NAME, '-o', 'd.pdf', '--language', 'de')).exitCode).toBe(0);
    expect(await bytesOf('d.pdf')).not.toBe(await bytesOf('a.pdf'));
    expect(await bytesOf('d.pdf')).toContain('Zeitstempel-Zertifikat');
  });

  test('--offline asks nobody, and the console and the certificate say so', async () => {
    const before = [bench.chain.calls.length, bench.service.requests.length];
    const { exitCode, stdout } = await certificate(NAME, '--offline', '-o', 'offline.pdf');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('the chain was not asked, and the certificate says so');
    expect([bench.chain.calls.length, bench.service.requests.length]).toEqual(before);
    expect((await onChain(NAME, '-o', 'online.pdf')).exitCode).toBe(0);
    expect(await bytesOf('offline.pdf')).not.toBe(await bytesOf('online.pdf'));
  });

  test('it writes over nothing without --force', async () => {
    await writeFile(bench.path('mine.pdf'), 'mine');
    const { exitCode, stderr } = await onChain(NAME, '-o', 'mine.pdf');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('mine.pdf is there already');
    expect(await bytesOf('mine.pdf')).toBe('mine');
    expect((await onChain(NAME, '-o', 'mine.pdf', '--force')).exitCode).toBe(0);
    expect(await bytesOf('mine.pdf')).toMatch(/^%PDF/);
  });

  test('--json holds what was made, and what was asked', async () => {
    const args = ['certificate', NAME, '-o', 'json.pdf', '--rpc', bench.chain.url, '--url', 'https://chronos.example'];
    expect(await bench.runJson(args)).toMatchObject({
      exitCode: 0,
      document: {
        certificateFile: 'json.pdf',
        language: 'en',
        digest: proof.digest.value,
        existedNoLaterThan: '2026-11-20T10:40:33.000Z',
        askedChain: true,
        endpoints: [bench.chain.url],
        verifyPage: `https://chronos.example/verify#${proof.digest.value}`,
        warning: expect.stringContaining('Trial'),
      },
    });
  });

  test('an address of this machine in the QR code is remarked on', async () => {
    const { stderr } = await onChain(NAME, '-o', 'here.pdf');
    expect(stderr).toContain('--url URL');
  });

  test('a proof that does not hold gets none: changed, of another document, not on the chain', async () => {
    await writeFile(bench.path('bent.json'), formatProof({ ...proof, salt: '0'.repeat(32) }));
    await writeFile(bench.path('other'), 'another document');
    const strange = proof.anchors.map((anchor) => ({ ...anchor, transaction: `0x${'9'.repeat(64)}` }));
    await writeFile(bench.path('absent.json'), formatProof({ ...proof, anchors: strange }));
    for (const [args, code] of [
      [['bent.json'], 'path_mismatch'],
      [['other', `${NAME}.chronos.json`], 'digest_mismatch'],
      [['absent.json'], 'anchor_not_found'],
    ] as const) {
      const { exitCode, stderr } = await onChain(...args, '-o', 'none.pdf');
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`no certificate: `);
      expect(stderr).toContain(`(${code})`);
    }
    await expect(readFile(bench.path('none.pdf'))).rejects.toThrow('ENOENT');
  });

  test('an incomplete proof is exit 3 and says how to complete it', async () => {
    await bench.run(['stamp', '--digest', '4'.repeat(64), '--out', 'early.json']);
    const { exitCode, stderr } = await onChain('early.json', '-o', 'none.pdf');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('no certificate');
    expect(stderr).toContain('chronos upgrade early.json');
  });

  test('a chain that cannot be asked is exit 4, and says what --offline is for', async () => {
    bench.chain.brokenStatus = 502;
    try {
      const { exitCode, stderr } = await onChain(NAME, '-o', 'none.pdf');
      expect(exitCode).toBe(4);
      expect(stderr).toContain('(chain_unreachable)');
      expect(stderr).toContain('--offline');
    } finally {
      bench.chain.brokenStatus = undefined;
    }
  });

  test.each([
    [['--language', 'xx'], '--language xx: there are en and de only'],
    [['--url', 'chronos.example'], '--url is no address'],
    [['--offline', '--rpc', 'http://127.0.0.1:1'], 'exclude each other'],
  ])('%j is a usage error', async (args, message) => {
    const { exitCode, stderr } = await certificate(NAME, ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a time zone that is none, and a file that is none, are usage errors', async () => {
    const zone = await bench.run(['certificate', NAME, '--time-zone', 'Mars/Olympus']);
    expect([zone.exitCode, zone.stderr]).toEqual([2, expect.stringContaining('is no time zone')]);
    const file = await certificate('nothing.pdf');
    expect([file.exitCode, file.stderr]).toEqual([2, expect.stringContaining('nothing.pdf: no such file')]);
  });
});
