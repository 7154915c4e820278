import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fromHex, type Proof, verifyStructure } from '@chronos/shared';
import { Bench } from '../testing/bench.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
  for (const name of ['a', 'b', 'c']) await writeFile(bench.path(name), name);
});
afterEach(() => bench.close());

async function isComplete(name: string): Promise<boolean> {
  const proof = JSON.parse(await readFile(bench.path(name), 'utf8')) as Proof;
  return verifyStructure(fromHex(proof.digest.value), proof).ok;
}

describe('chronos upgrade', () => {
  test('completes what can be completed in one request, leaves the complete, tells the pending, and stops for none', async () => {
    await bench.run(['stamp', 'a', '--blind']);
    await bench.run(['stamp', 'b']);
    bench.service.anchorWindow();
    await bench.run(['stamp', 'c']);
    const first = await bench.run(['upgrade', 'a', 'b.chronos.json', 'c', 'missing']);
    expect(first.exitCode).toBe(2);
    expect(first.stdout).toMatch(/^a: anchored /m);
    expect(first.stdout).toMatch(/^b\.chronos\.json: anchored /m);
    expect(first.stdout).toMatch(/^c: not complete yet/m);
    expect(first.stderr).toContain('missing: no such file');
    expect(await Promise.all(['a', 'b', 'c'].map((name) => isComplete(`${name}.chronos.json`)))).toEqual([
      true,
      true,
      false,
    ]);
    expect(bench.service.requests.filter(({ path }) => path === '/api/v1/proofs')).toHaveLength(1);

    const before = await readFile(bench.path('a.chronos.json'), 'utf8');
    const second = await bench.runJson(['upgrade', 'a', 'c']);
    expect(second.exitCode).toBe(3);
    expect(second.document).toMatchObject({
      error: { code: 'pending' },
      items: [
        { name: 'a', status: 'complete', kept: true },
        { name: 'c', status: 'pending' },
      ],
    });
    expect(await readFile(bench.path('a.chronos.json'), 'utf8')).toBe(before);
    expect((await bench.run(['upgrade', 'c', '--wait'])).exitCode).toBe(0);
    expect(await isComplete('c.chronos.json')).toBe(true);
  });

  test('of complete proofs asks nobody', async () => {
    await bench.run(['stamp', 'a', '--wait']);
    await bench.service.close();
    expect((await bench.run(['upgrade', 'a'])).exitCode).toBe(0);
  });

  test('a document and its proof are one', async () => {
    await bench.run(['stamp', 'a']);
    const { document } = await bench.runJson(['upgrade', 'a', 'a.chronos.json']);
    expect(document.items).toHaveLength(1);
  });

  test('a service that is away is exit 4, one that never saw the digest exit 1, and the file stays', async () => {
    await bench.run(['stamp', 'a']);
    const before = await readFile(bench.path('a.chronos.json'), 'utf8');
    const other = await Bench.open();
    try {
      const unknown = await bench.runJson(['upgrade', 'a', '--server', other.service.url]);
      expect(unknown).toMatchObject({ exitCode: 1, document: { items: [{ error: { code: 'unknown_digest' } }] } });
    } finally {
      await other.close();
    }
    await bench.service.close();
    const away = await bench.run(['upgrade', 'a']);
    expect(away.exitCode).toBe(4);
    expect(away.stderr).toContain('cannot be reached');
    expect(await readFile(bench.path('a.chronos.json'), 'utf8')).toBe(before);
  });
});
