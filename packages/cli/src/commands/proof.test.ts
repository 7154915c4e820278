import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Proof } from '@chronos/shared';
import { Bench } from '../testing/bench.js';

const DIGEST = 'ab'.repeat(32);

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
  await bench.run(['stamp', '--digest', DIGEST, '--out', 'stamped.json']);
});
afterEach(() => bench.close());

describe('chronos proof', () => {
  test('fetches a proof into DIGEST.chronos.json, incomplete with exit 3, complete with 0', async () => {
    expect((await bench.run(['proof', DIGEST])).exitCode).toBe(3);
    bench.service.anchorWindow();
    expect((await bench.run(['proof', DIGEST.toUpperCase()])).exitCode).toBe(0);
    const proof = JSON.parse(await readFile(bench.path(`${DIGEST}.chronos.json`), 'utf8')) as Proof;
    expect(proof).toEqual(bench.service.proof(DIGEST));
  });

  test('--wait waits, --out - prints the proof alone', async () => {
    const { exitCode, stdout } = await bench.run(['proof', DIGEST, '--wait', '--out', '-']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(bench.service.proof(DIGEST));
    const { document } = await bench.runJson(['proof', DIGEST, '--out', '-']);
    expect(document).toMatchObject({ status: 'complete', digest: DIGEST, proof: bench.service.proof(DIGEST) });
  });

  test('an unknown digest is exit 1, a malformed one 2, and neither leaves a file', async () => {
    const unknown = await bench.runJson(['proof', '1'.repeat(64)]);
    expect(unknown).toMatchObject({ exitCode: 1, document: { error: { code: 'unknown_digest' } } });
    expect(await bench.runJson(['proof', '12'])).toMatchObject({ exitCode: 2, document: { error: { code: 'usage' } } });
    await expect(readFile(bench.path(`${'1'.repeat(64)}.chronos.json`))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('never overwrites a file that is not this proof', async () => {
    await writeFile(bench.path('mine.json'), 'mine');
    const { exitCode } = await bench.run(['proof', DIGEST, '--out', 'mine.json']);
    expect(exitCode).toBe(2);
    expect(await readFile(bench.path('mine.json'), 'utf8')).toBe('mine');
  });
});
