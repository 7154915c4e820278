import { createHash } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { blindDigest, fromHex, type Proof, toHex, verifyStructure } from '@chronos/shared';
import { Bench } from '../testing/bench.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function proofAt(name: string): Promise<Proof> {
  return JSON.parse(await readFile(bench.path(name), 'utf8')) as Proof;
}

function submissions(): string[][] {
  return bench.service.requests
    .filter(({ path }) => path === '/api/v1/timestamps')
    .map(({ body }) => (body as { digests: string[] }).digests);
}

describe('chronos stamp', () => {
  test('submits the digest of a file and keeps the incomplete proof beside it', async () => {
    await writeFile(bench.path('a.txt'), 'hello');
    const { exitCode, stdout, stderr } = await bench.run(['stamp', 'a.txt']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe('a.txt: submitted; incomplete proof in a.txt.chronos.json\n');
    expect(stderr).toContain('chronos upgrade a.txt\n');
    expect(submissions()).toEqual([[sha256('hello')]]);
    const structure = verifyStructure(fromHex(sha256('hello')), await proofAt('a.txt.chronos.json'));
    expect(structure).toMatchObject({ ok: false, code: 'pending' });
  });

  test('with --wait ends with the complete proof', async () => {
    await writeFile(bench.path('a.txt'), 'hello');
    const { exitCode, stdout, stderr } = await bench.run(['stamp', 'a.txt', '--wait']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^a\.txt: anchored \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, local test chain .*a\.txt\.chronos\.json\n$/,
    );
    expect(stderr).toContain('proves nothing to anybody else');
    expect(stderr).toContain('chronos verify a.txt');
    expect(verifyStructure(fromHex(sha256('hello')), await proofAt('a.txt.chronos.json')).ok).toBe(true);
  });

  test('--wait that runs out of time leaves the incomplete proof and exits 3', async () => {
    bench.service.onWait = 'pending';
    await writeFile(bench.path('a.txt'), 'hello');
    const { exitCode, document } = await bench.runJson(['stamp', 'a.txt', '--wait', '--timeout', '0.2']);
    expect(exitCode).toBe(3);
    expect(document.error.code).toBe('pending');
    expect(document.items[0]).toMatchObject({ status: 'pending', proofFile: 'a.txt.chronos.json' });
    expect((await proofAt('a.txt.chronos.json')).anchors).toEqual([]);
  });

  test('Ctrl-C while waiting leaves a valid incomplete proof, says how to go on, and exits 130', async () => {
    bench.service.onWait = 'pending';
    await writeFile(bench.path('a.txt'), 'hello');
    const { exitCode, stderr } = await bench.run(['stamp', 'a.txt', '--wait'], {
      interruptWhen: (interrupt) => {
        bench.service.onRequest = (path) => path.startsWith('/api/v1/proofs/') && interrupt();
      },
    });
    expect(exitCode).toBe(130);
    expect(stderr).toContain('Interrupted');
    expect(stderr).toContain('chronos upgrade a.txt');
    expect(verifyStructure(fromHex(sha256('hello')), await proofAt('a.txt.chronos.json'))).toMatchObject({
      code: 'pending',
    });
  });

  test('many files travel in one request and are followed with one held request; a missing one stops none', async () => {
    const names = Array.from({ length: 24 }, (_, i) => `f${i}`);
    await Promise.all(names.map((name) => writeFile(bench.path(name), name)));
    const { exitCode, document } = await bench.runJson([
      'stamp',
      ...names.slice(0, 7),
      'missing',
      ...names.slice(7),
      '--wait',
    ]);
    expect(exitCode).toBe(2);
    expect(document.error).toMatchObject({ code: 'file_not_found', message: 'missing: no such file' });
    expect(document.items).toHaveLength(25);
    expect(document.items[7]).toMatchObject({ name: 'missing', status: 'failed', error: { code: 'file_not_found' } });
    for (const name of names) {
      expect(verifyStructure(fromHex(sha256(name)), await proofAt(`${name}.chronos.json`)).ok).toBe(true);
    }
    expect(bench.service.requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{64}/, 'D')}`)).toEqual([
      'POST /api/v1/timestamps',
      'GET /api/v1/proofs/D?wait=30',
      'POST /api/v1/proofs',
    ]);
  });

  test('takes an empty file, standard input, and digests without a file', async () => {
    await writeFile(bench.path('empty'), '');
    expect((await bench.run(['stamp', 'empty'])).exitCode).toBe(0);
    expect((await proofAt('empty.chronos.json')).digest.value).toBe(sha256(''));
    expect((await bench.run(['stamp'], { input: 'piped' })).exitCode).toBe(0);
    expect((await proofAt(`${sha256('piped')}.chronos.json`)).digest.value).toBe(sha256('piped'));
    expect((await bench.run(['stamp', '-'], { input: '' })).exitCode).toBe(0);
    const [one, two] = [sha256('one'), sha256('two')];
    const { exitCode } = await bench.run(['stamp', '--digest', one, '--digest', two.toUpperCase()]);
    expect(exitCode).toBe(0);
    expect(submissions().at(-1)).toEqual([one, two]);
    expect((await proofAt(`${two}.chronos.json`)).digest.value).toBe(two);
  });

  test('without a file and without a pipe it is a usage error, and no stamp of nothing', async () => {
    const { exitCode, stderr } = await bench.run(['stamp']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('nothing to stamp');
    expect(bench.service.requests).toEqual([]);
  });

  test('--blind keeps the digest from the service and puts digest and blinding into the proof', async () => {
    await writeFile(bench.path('a'), 'secret');
    const { exitCode } = await bench.run(['stamp', 'a', '--blind', '--wait']);
    expect(exitCode).toBe(0);
    const proof = await proofAt('a.chronos.json');
    expect(proof.digest.value).toBe(sha256('secret'));
    expect(proof.blinding).toMatch(/^[0-9a-f]{32}$/);
    expect(submissions()).toEqual([[toHex(blindDigest(fromHex(sha256('secret')), fromHex(proof.blinding ?? '')))]]);
    expect(JSON.stringify(bench.service.requests)).not.toContain(sha256('secret'));
    expect(verifyStructure(fromHex(sha256('secret')), proof).ok).toBe(true);
  });

  test('--blind again goes on with the blinding of the unfinished proof', async () => {
    await writeFile(bench.path('a'), 'secret');
    await bench.run(['stamp', 'a', '--blind']);
    const { blinding } = await proofAt('a.chronos.json');
    const { exitCode } = await bench.run(['stamp', 'a', '--blind', '--wait']);
    expect(exitCode).toBe(0);
    expect(submissions()[1]).toEqual(submissions()[0]);
    expect((await proofAt('a.chronos.json')).blinding).toBe(blinding);
  });

  test('equal files have a blinding each, and unblinded they are one digest', async () => {
    await writeFile(bench.path('a'), 'same');
    await writeFile(bench.path('b'), 'same');
    await bench.run(['stamp', 'a', 'b']);
    expect(submissions()).toEqual([[sha256('same')]]);
    await bench.run(['stamp', 'a', 'b', '--blind', '--out-dir', 'blind']);
    expect((await proofAt('blind/a.chronos.json')).blinding).not.toBe((await proofAt('blind/b.chronos.json')).blinding);
  });

  test.each([
    ['stamp', 'a'],
    ['stamp', 'a', '--blind'],
  ])('an unfinished proof of the other kind, blinded or not, is never lost: %s %s %s', async (...again: string[]) => {
    const first = again.includes('--blind') ? ['stamp', 'a'] : ['stamp', 'a', '--blind'];
    await writeFile(bench.path('a'), 'secret');
    await bench.run(first);
    const before = await readFile(bench.path('a.chronos.json'), 'utf8');
    const { exitCode, stderr } = await bench.run(again.filter((word) => word !== ''));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('blinded proof of this document');
    expect(await readFile(bench.path('a.chronos.json'), 'utf8')).toBe(before);
    expect(submissions()).toHaveLength(1);
  });

  test('a foreign file in the proof’s place is refused before anything is submitted, and stays', async () => {
    await writeFile(bench.path('a'), 'hello');
    await bench.run(['stamp', '--digest', sha256('other'), '--out', 'other.json']);
    for (const foreign of ['{"not":"a proof"}', '', await readFile(bench.path('other.json'), 'utf8')]) {
      await writeFile(bench.path('a.chronos.json'), foreign);
      const { exitCode, document } = await bench.runJson(['stamp', 'a']);
      expect(exitCode).toBe(2);
      expect(document.error.code).toBe('file_in_the_way');
      expect(await readFile(bench.path('a.chronos.json'), 'utf8')).toBe(foreign);
    }
    expect(submissions()).toEqual([[sha256('other')]]);
  });

  test('a complete proof stays as it is, and nothing is submitted again', async () => {
    await writeFile(bench.path('a'), 'hello');
    await bench.run(['stamp', 'a', '--wait']);
    const before = await readFile(bench.path('a.chronos.json'), 'utf8');
    const { exitCode, document } = await bench.runJson(['stamp', 'a']);
    expect(exitCode).toBe(0);
    expect(document.items[0]).toMatchObject({ status: 'complete', kept: true });
    expect(await readFile(bench.path('a.chronos.json'), 'utf8')).toBe(before);
    expect(submissions()).toHaveLength(1);
  });

  test('a digest that the service knows and has anchored gets its complete proof at once', async () => {
    await writeFile(bench.path('a'), 'hello');
    await bench.run(['stamp', 'a', '--wait', '--out', 'elsewhere.json']);
    const { exitCode } = await bench.run(['stamp', 'a']);
    expect(exitCode).toBe(0);
    expect((await proofAt('a.chronos.json')).anchors).toHaveLength(1);
  });

  test('two documents that would share a proof file are not both submitted', async () => {
    await mkdir(bench.path('x'));
    await mkdir(bench.path('y'));
    await writeFile(bench.path('x/a'), 'one');
    await writeFile(bench.path('y/a'), 'two');
    const { exitCode, document } = await bench.runJson(['stamp', 'x/a', 'y/a', '--out-dir', 'proofs']);
    expect(exitCode).toBe(2);
    expect(document.items.map(({ status }: { status: string }) => status)).toEqual(['pending', 'failed']);
    expect(submissions()).toEqual([[sha256('one')]]);
    expect((await proofAt('proofs/a.chronos.json')).digest.value).toBe(sha256('one'));
  });

  test('a folder needs --recursive; then every file in it is stamped but the proofs', async () => {
    await mkdir(bench.path('d/sub'), { recursive: true });
    await writeFile(bench.path('d/a'), 'one');
    await writeFile(bench.path('d/sub/b'), 'two');
    const refused = await bench.run(['stamp', 'd']);
    expect(refused).toMatchObject({ exitCode: 2 });
    expect(refused.stderr).toContain('--recursive');
    expect((await bench.run(['stamp', '-r', 'd'])).exitCode).toBe(0);
    expect((await bench.run(['stamp', '-r', 'd', '--out-dir', 'proofs'])).exitCode).toBe(0);
    expect(submissions()).toEqual([
      [sha256('one'), sha256('two')],
      [sha256('one'), sha256('two')],
    ]);
    expect((await proofAt('proofs/sub/b.chronos.json')).digest.value).toBe(sha256('two'));
  });

  test('`stamp *` leaves the proofs of an earlier one alone', async () => {
    await writeFile(bench.path('a'), 'hello');
    await bench.run(['stamp', 'a']);
    const { exitCode, document } = await bench.runJson(['stamp', 'a', 'a.chronos.json']);
    expect(exitCode).toBe(0);
    expect(document.items[1]).toMatchObject({ name: 'a.chronos.json', status: 'skipped' });
    expect(submissions()).toEqual([[sha256('hello')], [sha256('hello')]]);
  });

  test('a folder that cannot be written to is found out before anything is submitted', async () => {
    await writeFile(bench.path('a'), 'hello');
    const { exitCode, stderr } = await bench.run(['stamp', 'a', '--out', 'nowhere/a.json']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the proof cannot be written: nowhere: no such file');
    expect(bench.service.requests).toEqual([]);
  });

  test.each<[string, (proof: Proof) => Proof, string]>([
    [
      'another digest',
      (proof) => ({ ...proof, digest: { ...proof.digest, value: '0'.repeat(64) } }),
      'digest_mismatch',
    ],
    ['another salt', (proof) => ({ ...proof, salt: '0'.repeat(32) }), 'path_mismatch'],
    ['another window', (proof) => ({ ...proof, window: { ...proof.window, id: 30 } }), 'log_mismatch'],
    ['another format', (proof) => ({ ...proof, format: 'chronos-proof/9' }), 'unsupported_format'],
  ])('a proof of the service with %s is refused, and the incomplete one stays', async (_what, bend, code) => {
    await writeFile(bench.path('a'), 'hello');
    await bench.run(['stamp', 'a']);
    const before = await readFile(bench.path('a.chronos.json'), 'utf8');
    bench.service.anchorWindow();
    bench.service.bend = bend;
    const { exitCode, document } = await bench.runJson(['stamp', 'a', '--wait']);
    expect(exitCode).toBe(1);
    expect(document.error.code).toBe(code);
    expect(await readFile(bench.path('a.chronos.json'), 'utf8')).toBe(before);
  });

  test('a service that is not there is exit 4, and nothing is left behind', async () => {
    await writeFile(bench.path('a'), 'hello');
    await bench.service.close();
    const { exitCode, stderr } = await bench.run(['stamp', 'a', 'a']);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('cannot be reached (ECONNREFUSED)');
    expect(stderr).toContain('--server');
    await expect(open(bench.path('a.chronos.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a busy service is asked again as late as it says; one that stays busy is exit 4, one that refuses exit 1', async () => {
    await writeFile(bench.path('a'), 'hello');
    bench.service.problems.push({ status: 429, code: 'rate_limited', retryAfter: 0 });
    expect((await bench.run(['stamp', 'a'])).exitCode).toBe(0);
    for (let i = 0; i < 4; i++) bench.service.problems.push({ status: 503, code: 'overloaded', retryAfter: 0 });
    const busy = await bench.runJson(['stamp', 'a']);
    expect(busy).toMatchObject({ exitCode: 4, document: { error: { code: 'overloaded' } } });
    bench.service.problems.push({ status: 400, code: 'invalid_request' });
    const refused = await bench.runJson(['stamp', 'a']);
    expect(refused).toMatchObject({ exitCode: 1, document: { error: { code: 'invalid_request', requestId: 'r1' } } });
  });

  test('a service that is away for a moment while one waits is asked on', async () => {
    await writeFile(bench.path('a'), 'hello');
    bench.service.onRequest = (path) => {
      if (!path.startsWith('/api/v1/proofs/')) return;
      bench.service.onRequest = () => undefined;
      bench.service.problems.push({ status: 503, code: 'backend_unavailable', retryAfter: 0 });
    };
    const { exitCode, stderr } = await bench.run(['stamp', 'a', '--wait']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('trying on');
  });

  test('a large file is hashed in flat memory', async () => {
    const file = await open(bench.path('large'), 'w');
    await file.truncate(400_000_000);
    await file.close();
    // Not `maxRSS`, which a child begins with what its parent had.
    const report =
      'data:text/javascript,import{readFileSync}from"node:fs";process.on("exit",()=>console.error(readFileSync("/proc/self/status","utf8")))';
    const { exitCode, stderr } = await bench.run(['stamp', 'large'], { nodeArgs: ['--import', report] });
    expect(exitCode).toBe(0);
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(stderr)?.[1])).toBeLessThan(150_000);
  });
});
