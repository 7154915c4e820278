import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fromHex, toHex } from './bytes.js';
import { explain } from './explain.js';
import { inclusionPath } from './merkle.js';
import { MerkleTree } from './merkle-tree.js';
import { pathSteps } from './path-steps.js';
import type { Proof } from './proof.js';
import { verifyStructure } from './verify-proof.js';

const VECTORS = new URL('../../../vectors/chronos/proofs.json', import.meta.url);

describe('the steps from a leaf to the root', () => {
  test('lead to the root for every leaf of every tree of up to 40 leaves', () => {
    const tree = new MerkleTree();
    for (let size = 1; size <= 40; size++) {
      tree.appendRaw(new Uint8Array(32).fill(size));
      for (let index = 0; index < size; index++) {
        const path = inclusionPath(index, size, (level, i) => tree.node(level, i)).map(toHex);
        const steps = pathSteps(tree.node(0, index), index, size, path);
        expect(steps.at(-1)?.node ?? toHex(tree.node(0, index))).toBe(toHex(tree.root()));
      }
    }
  });

  test('lead to the roots of window and log in every good vector', () => {
    const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
      cases: { digest: string; expect: string; proof: Proof }[];
    };
    const good = cases.filter(({ digest, proof }) => verifyStructure(fromHex(digest), proof).ok);
    expect(good.length).toBeGreaterThanOrEqual(20);
    for (const { proof } of good) {
      const { inclusion, log, leaf } = explain(proof);
      expect(inclusion?.steps.at(-1)?.node ?? leaf).toBe(proof.inclusion?.root);
      expect(log?.steps.at(-1)?.node ?? log?.leaf).toBe(proof.log?.root);
    }
  });
});
