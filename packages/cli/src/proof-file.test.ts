import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatProof, type Proof } from '@chronos/shared';
import { completeness, locateProof, saveProof } from './proof-file.js';

const VECTORS = new URL('../../../vectors/chronos/proofs.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { cases: { expect: string; proof: Proof }[] };
const good = cases.filter(({ expect: outcome }) => outcome === 'ok').map(({ proof }) => proof);
const complete = good.find(({ blinding }) => blinding === undefined)!;
const blinded = good.find(({ blinding }) => blinding !== undefined)!;

function closed(proof: Proof): Proof {
  return { ...proof, anchors: [] };
}
function collecting({ inclusion: _inclusion, log: _log, ...rest }: Proof): Proof {
  return { ...rest, anchors: [] };
}

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chronos-proof-'));
  path = join(folder, 'a.chronos.json');
});
afterEach(() => rm(folder, { recursive: true }));

async function stored(): Promise<Proof> {
  return JSON.parse(await readFile(path, 'utf8')) as Proof;
}

describe('a proof file', () => {
  test('grows from salt to window to anchors, and never back', async () => {
    const stages = [collecting(complete), closed(complete), complete];
    expect(stages.map(completeness)).toEqual([0, 1, 2]);
    for (const stage of stages) {
      expect(await saveProof(path, stage)).toEqual(stage);
      expect(await stored()).toEqual(stage);
    }
    for (const earlier of stages) expect(await saveProof(path, earlier)).toEqual(complete);
    expect(await stored()).toEqual(complete);
  });

  test('that is complete stays, even where another complete proof of the digest comes', async () => {
    await saveProof(path, complete);
    const later: Proof = { ...collecting(complete), salt: '0'.repeat(32) };
    expect(await saveProof(path, later)).toEqual(complete);
    expect(await stored()).toEqual(complete);
  });

  test('that is damaged gives way to one that holds', async () => {
    await writeFile(path, formatProof({ ...complete, salt: '0'.repeat(32) }));
    await saveProof(path, collecting(complete));
    expect(await stored()).toEqual(collecting(complete));
  });

  test('keeps what others have added to it', async () => {
    await writeFile(path, formatProof({ ...collecting(complete), note: 'contract of May' }));
    await saveProof(path, complete);
    expect(await stored()).toEqual({ ...complete, note: 'contract of May' });
  });

  test.each([
    ['of another digest', formatProof(collecting(blinded))],
    ['that is not a proof', '{"name":"settings"}'],
    ['that is not JSON', 'hello'],
    ['that is empty', ''],
    ['of a later format', formatProof({ ...complete, format: 'chronos-proof/2' })],
    ['that is a blinded proof of the same digest', formatProof({ ...collecting(complete), blinding: '1'.repeat(32) })],
  ])('%s is never overwritten', async (_what, text) => {
    await writeFile(path, text);
    await expect(saveProof(path, complete)).rejects.toMatchObject({ code: 'file_in_the_way' });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('unblinded does not give way to a blinded one', async () => {
    const { blinding: _blinding, ...rest } = blinded;
    const unblinded = collecting(rest);
    await saveProof(path, unblinded);
    await expect(saveProof(path, collecting(blinded))).rejects.toMatchObject({ code: 'file_in_the_way' });
    expect(await stored()).toEqual(unblinded);
  });

  test('is found by its own name, by its document’s, and whatever it is called', async () => {
    await saveProof(path, complete);
    const renamed = join(folder, 'renamed');
    await writeFile(renamed, formatProof(complete));
    expect(await locateProof(path)).toBe(path);
    expect(await locateProof(join(folder, 'a'))).toBe(path);
    expect(await locateProof(renamed)).toBe(renamed);
    await writeFile(join(folder, 'b'), 'no proof');
    await expect(locateProof(join(folder, 'b'))).rejects.toThrow(/no proof found beside it/);
    await expect(locateProof(join(folder, 'c'))).rejects.toThrow(/no such file/);
  });
});
