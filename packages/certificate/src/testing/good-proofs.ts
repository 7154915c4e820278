import { readFileSync } from 'node:fs';
import { type Proof, verifyStructure, fromHex } from '@chronos/shared';

const VECTORS = new URL('../../../../vectors/chronos/proofs.json', import.meta.url);

/** The good proofs of the independent vectors, by name. */
export function goodProofs(): Map<string, Proof> {
  const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
    cases: { name: string; digest: string; proof: Proof }[];
  };
  const good = cases.filter(({ digest, proof }) => verifyStructure(fromHex(digest), proof).ok);
  return new Map(good.map(({ name, proof }) => [name, proof]));
}

/** The vectors' blinded proof, and one with a long path. */
export const BLINDED = 'good: blinded digest';
export const LONG = 'good: window of 257, leaf 28, log index 14';
