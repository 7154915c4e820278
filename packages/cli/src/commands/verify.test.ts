import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { formatProof, type Proof } from '@chronos/shared';
import { Bench } from '../testing/bench.js';
import { FakeChain } from '../testing/fake-chain.js';

const DOCUMENT = 'the document';
const DIGEST = createHash('sha256').update(DOCUMENT).digest('hex');

let bench: Bench;
let proof: Proof;

/** A document with a neighbour in its window and a window before its own, so that both of its paths have elements. */
beforeAll(async () => {
  bench = await Bench.open();
  await writeFile(bench.path('doc'), DOCUMENT);
  await bench.run(['stamp', '--digest', '1'.repeat(64), '--wait', '--out', 'first.json']);
  await bench.run(['stamp', '--digest', '2'.repeat(64), '--out', 'second.json']);
  await bench.run(['stamp', 'doc', '--wait']);
  proof = JSON.parse(await readFile(bench.path('doc.chronos.json'), 'utf8')) as Proof;
});
afterAll(() => bench.close());

afterEach(() => {
  bench.chain.brokenStatus = undefined;
  bench.chain.chainId = 31337;
  bench.chain.finalizedBlock = 1_000_000;
});

function verify(args: readonly string[] = ['doc'], rpc: readonly string[] = [bench.chain.url]) {
  return bench.run(['verify', ...args, ...rpc.flatMap((url) => ['--rpc', url])]);
}
function verifyJson(args: readonly string[] = ['doc'], rpc: readonly string[] = [bench.chain.url]) {
  return bench.runJson(['verify', ...args, ...rpc.flatMap((url) => ['--rpc', url])]);
}

/** The same value with one bit changed: of a number its lowest, of a text one of its last hex digit or letter. */
function flipped(value: unknown): unknown {
  if (typeof value === 'number') return value ^ 1;
  const text = value as string;
  const last = text.at(-1) ?? '';
  return (
    text.slice(0, -1) +
    (/[0-9a-f]/.test(last) ? (parseInt(last, 16) ^ 1).toString(16) : String.fromCharCode(last.charCodeAt(0) ^ 1))
  );
}

async function writeFlipped(path: string): Promise<void> {
  const copy = structuredClone(proof) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce((value, key) => value[key] as Record<string, unknown>, copy);
  expect(holder).toHaveProperty(last);
  holder[last] = path.endsWith('time') ? '2026-11-20T10:00:34.000Z' : flipped(holder[last]);
  await writeFile(bench.path('bent.json'), formatProof(copy as Proof));
}

describe('chronos verify', () => {
  test('asks the chain and never the service, and says what holds, since when, and what that does not prove', async () => {
    const before = bench.service.requests.length;
    const { exitCode, stdout, stderr } = await verify();
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.match(/^ {2}✓ /gm)).toHaveLength(6);
    expect(stdout).not.toContain('✗');
    expect(stdout).toMatch(/^Verified: existed no later than 2026-11-20 10:41:03 UTC$/m);
    expect(stdout).toMatch(/does not prove who made it/);
    expect(stdout).toContain('local test chain (eip155:31337)');
    expect(stdout).toContain('proves nothing to anybody else');
    expect(bench.chain.calls).toContain('eth_getTransactionReceipt');
    expect(bench.service.requests).toHaveLength(before);
  });

  test('--json holds every check, the verdict and the anchors', async () => {
    const { exitCode, document } = await verifyJson();
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      code: 'ok',
      name: 'doc',
      digest: DIGEST,
      proofFile: 'doc.chronos.json',
      existedNoLaterThan: '2026-11-20T10:41:03.000Z',
      anchors: [{ chain: 'eip155:31337', transaction: proof.anchors[0]?.['transaction'] }],
    });
    expect(document.checks.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual(
      ['format', 'digest', 'inclusion', 'log', 'complete', 'anchor'].map((name) => [name, true]),
    );
    expect(document.error).toBeUndefined();
  });

  test('takes a digest without its file, standard input, and the proof named in place of the document', async () => {
    expect((await verify(['--digest', DIGEST, 'doc.chronos.json'])).exitCode).toBe(0);
    const rpc = ['--rpc', bench.chain.url];
    expect((await bench.run(['verify', '-', 'doc.chronos.json', ...rpc], { input: DOCUMENT })).exitCode).toBe(0);
    expect((await bench.run(['verify', '-', 'doc.chronos.json', ...rpc], { input: `${DOCUMENT}.` })).exitCode).toBe(1);
    const { exitCode, stderr } = await verify(['doc.chronos.json']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('its document is doc');
  });

  test('--quiet says nothing but failures', async () => {
    expect(await verify(['doc', '-q'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await writeFile(bench.path('changed'), 'changed');
    const { exitCode, stdout, stderr } = await verify(['changed', 'doc.chronos.json', '-q']);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('NOT verified (digest_mismatch)');
  });

  test('one flipped bit in the document is refused', async () => {
    const bytes = Buffer.from(DOCUMENT);
    bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5);
    await writeFile(bench.path('flipped'), bytes);
    const { exitCode, stdout, stderr } = await verify(['flipped', 'doc.chronos.json']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ the proof is of digest/);
    expect(stderr).toContain('NOT verified (digest_mismatch)');
    expect(stderr).toContain('were it by one bit');
  });

  test.each([
    ['format', 'unsupported_format', 1],
    ['digest.algorithm', 'unsupported_format', 1],
    ['digest.value', 'digest_mismatch', 1],
    ['salt', 'path_mismatch', 1],
    ['inclusion.leafIndex', 'path_mismatch', 1],
    ['inclusion.path.0', 'path_mismatch', 1],
    ['inclusion.root', 'path_mismatch', 1],
    ['window.id', 'log_mismatch', 1],
    ['log.index', 'log_mismatch', 1],
    ['log.path.0', 'log_mismatch', 1],
    ['log.root', 'log_mismatch', 1],
    ['anchors.0.contract', 'anchor_mismatch', 1],
    ['anchors.0.transaction', 'anchor_not_found', 1],
    ['anchors.0.block.number', 'anchor_mismatch', 1],
    ['anchors.0.block.hash', 'anchor_mismatch', 1],
    ['anchors.0.block.time', 'anchor_mismatch', 1],
    ['anchors.0.type', 'unsupported_format', 1],
    ['anchors.0.chain', 'chain_unreachable', 4],
  ])('one flipped bit in %s is refused as %s', async (path, code, expectedExit) => {
    await writeFlipped(path);
    const { exitCode, document } = await verifyJson(['doc', 'bent.json']);
    expect(document).toMatchObject({ ok: false, code, error: { code } });
    expect(exitCode).toBe(expectedExit);
    expect(document.checks.at(-1).ok).toBe(false);
    expect(document.error.hint).toBeTruthy();
  });

  test('one flipped bit in the blinding is refused', async () => {
    await bench.run(['stamp', 'doc', '--blind', '--wait', '--out', 'blind.json']);
    expect((await verify(['doc', 'blind.json'])).exitCode).toBe(0);
    const blind = JSON.parse(await readFile(bench.path('blind.json'), 'utf8')) as Proof;
    await writeFile(bench.path('blind.json'), formatProof({ ...blind, blinding: flipped(blind.blinding) as string }));
    expect(await verifyJson(['doc', 'blind.json'])).toMatchObject({ exitCode: 1, document: { code: 'path_mismatch' } });
  });

  test('the proof of another document is refused, with a word on it', async () => {
    const { exitCode, stderr } = await verify(['doc', 'first.json']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('this is the proof of another one');
  });

  test('what is no proof is refused; document and proof the wrong way round are noticed', async () => {
    await writeFile(bench.path('junk.json'), '{}');
    expect(await verifyJson(['doc', 'junk.json'])).toMatchObject({
      exitCode: 1,
      document: { code: 'malformed_proof' },
    });
    const { exitCode, stderr } = await verify(['doc.chronos.json', 'doc']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('name the document first, then its proof');
  });

  test('an incomplete proof is exit 3 and says how to complete it; so is a block that is not final', async () => {
    await bench.run(['stamp', '--digest', '3'.repeat(64), '--out', 'third.json']);
    const pending = await verify(['--digest', '3'.repeat(64), 'third.json']);
    expect(pending.exitCode).toBe(3);
    expect(pending.stderr).toContain('chronos upgrade third.json');
    bench.chain.finalizedBlock = 999;
    expect(await verifyJson()).toMatchObject({ exitCode: 3, document: { code: 'not_final' } });
  });

  test('several endpoints must all agree', async () => {
    const other = await FakeChain.start();
    try {
      const disagreeing = await verifyJson(['doc'], [bench.chain.url, other.url]);
      expect(disagreeing).toMatchObject({ exitCode: 1, document: { code: 'anchor_not_found' } });
      expect(disagreeing.document.checks.slice(-2).map(({ ok }: { ok: boolean }) => ok)).toEqual([true, false]);
      for (const [id, transaction] of bench.chain.transactions) other.transactions.set(id, transaction);
      expect((await verify(['doc'], [bench.chain.url, other.url])).exitCode).toBe(0);
      other.brokenStatus = 502;
      expect((await verify(['doc'], [bench.chain.url, other.url])).exitCode).toBe(4);
    } finally {
      await other.close();
    }
  });

  test('a chain that cannot be asked is exit 4: not there, broken, another chain', async () => {
    bench.chain.brokenStatus = 500;
    expect(await verifyJson()).toMatchObject({ exitCode: 4, document: { code: 'chain_unreachable' } });
    bench.chain.brokenStatus = undefined;
    bench.chain.chainId = 5;
    expect(await verifyJson()).toMatchObject({ exitCode: 4, document: { code: 'chain_unreachable' } });
    const gone = await FakeChain.start();
    await gone.close();
    const { exitCode, stderr } = await verify(['doc'], [gone.url]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('could not be verified (chain_unreachable)');
    expect(stderr).toContain('--rpc URL');
  });

  test('a chain that is in no table needs --rpc', async () => {
    await writeFile(
      bench.path('foreign.json'),
      formatProof({ ...proof, anchors: proof.anchors.map((anchor) => ({ ...anchor, chain: 'eip155:5' })) }),
    );
    expect(await verifyJson(['doc', 'foreign.json'], [])).toMatchObject({
      exitCode: 4,
      document: { code: 'chain_unreachable' },
    });
  });

  test.each([
    [['nothing'], 'nothing: no such file'],
    [['doc', 'nothing.json'], 'nothing.json: no such proof file'],
    [['first.json'], 'its document is not beside it'],
    [['--digest', 'xyz'], 'holds characters that are not hex digits'],
    [['--digest', DIGEST, 'a', 'b'], 'with --digest there is no FILE'],
    [[], 'nothing to verify'],
    [['doc', '--rpc', 'localhost:1'], '--rpc is no address'],
  ])('%j is a usage error', async (args, message) => {
    const { exitCode, stderr, stdout } = await bench.run(['verify', ...args]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
