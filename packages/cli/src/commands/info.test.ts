import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatProof, type Proof } from '@chronos/shared';
import { Bench } from '../testing/bench.js';

let bench: Bench;
let proof: Proof;
beforeEach(async () => {
  bench = await Bench.open();
  await writeFile(bench.path('doc'), 'document');
  await bench.run(['stamp', '--digest', '1'.repeat(64), '--out', 'first.json']);
  await bench.run(['stamp', 'doc', '--blind', '--wait']);
  proof = JSON.parse(await readFile(bench.path('doc.chronos.json'), 'utf8')) as Proof;
  // Offline: whoever it asked would not be there.
  await bench.service.close();
  await bench.chain.close();
});
afterEach(() => bench.close());

describe('chronos info', () => {
  test('explains every value of a proof, without network', async () => {
    const { exitCode, stdout, stderr } = await bench.run(['info', 'doc']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const { digest, blinding, salt, inclusion, log, anchors } = proof;
    for (const value of [digest.value, blinding, salt, inclusion?.path[0], inclusion?.root, log?.root]) {
      expect(stdout).toContain(value);
    }
    expect(stdout).toContain(`left         ${inclusion?.path[0]}`);
    for (const key of ['contract', 'transaction']) expect(stdout).toContain(String(anchors[0]?.[key]));
    expect(stdout).toContain('2026-11-20 10:40:33 UTC: the document existed no later than this');
    expect(stdout).toContain('proves nothing to anybody else');
  });

  test('--json holds the same, computed step by step', async () => {
    const { exitCode, document } = await bench.runJson(['info', 'doc.chronos.json']);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({
      complete: true,
      digest: proof.digest.value,
      blinding: proof.blinding,
      salt: proof.salt,
    });
    expect(document.submitted).not.toBe(document.digest);
    expect(document.inclusion.steps).toEqual([
      { side: 'left', sibling: proof.inclusion?.path[0], node: proof.inclusion?.root },
    ]);
    expect(document.anchors).toHaveLength(1);
  });

  test('an incomplete proof is explained as far as it goes', async () => {
    const { exitCode, stdout } = await bench.run(['info', 'first.json']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('not complete yet');
    expect(stdout).toContain('chronos upgrade');
  });

  test('a proof that does not hold in itself is exit 1', async () => {
    await writeFile(bench.path('doc.chronos.json'), formatProof({ ...proof, salt: '0'.repeat(32) }));
    const { exitCode, stdout, stderr } = await bench.run(['info', 'doc']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('does not hold');
    expect(stderr).toContain('path_mismatch');
    expect(await bench.runJson(['info', 'doc'])).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'path_mismatch' } },
    });
  });

  test('what is no proof is exit 1, what is not there exit 2', async () => {
    await writeFile(bench.path('junk.chronos.json'), '[]');
    expect(await bench.runJson(['info', 'junk'])).toMatchObject({
      exitCode: 1,
      document: { error: { code: 'malformed_proof' } },
    });
    expect(await bench.runJson(['info', 'nothing'])).toMatchObject({
      exitCode: 2,
      document: { error: { code: 'file_not_found' } },
    });
  });

  test('a hostile proof cannot steer the terminal', async () => {
    const anchor = { type: 'x\u001b[2J', chain: '\u001b]0;owned\u0007' };
    await writeFile(bench.path('doc.chronos.json'), formatProof({ ...proof, anchors: [anchor] }));
    const { stdout, stderr } = await bench.run(['info', 'doc']);
    for (const control of ['\u001b', '\u0007']) expect(stdout + stderr).not.toContain(control);
  });
});
