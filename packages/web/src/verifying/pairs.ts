import { documentNameOf } from '../proof-file.js';
import type { DocumentFile, ProofFile } from './dropped.js';

/** A document on the page, or a digest that stands for one. */
export interface Asked {
  id: string;
  /** Missing for a digest that was pasted. */
  name?: string;
  size?: number;
  foreign?: DocumentFile['foreign'];
  /** Once it is hashed. */
  digest?: string;
  hashedBytes: number;
  isUnreadable?: boolean;
}

export interface Given extends ProofFile {
  id: string;
}

/** A document with the proof that belongs to it, as far as both are there. */
export interface Pair {
  id: string;
  asked?: Asked;
  given?: Given;
}

/**
 * Puts documents and proofs together, in whatever order they came: by digest; else by name; else the last ones left of both, which then do
 * not match, and are told so.
 */
export function pairUp(asked: readonly Asked[], given: readonly Given[]): Pair[] {
  const proofOf = new Map<Asked, Given>();
  const free = new Set(given);
  const match = (belong: (one: Asked, proof: Given) => boolean) => {
    for (const one of asked) {
      if (proofOf.has(one)) continue;
      // Two copies of a document share its proof, so one that is taken is looked at again.
      const found = [...free].find((proof) => belong(one, proof)) ?? given.find((proof) => belong(one, proof));
      if (found === undefined) continue;
      proofOf.set(one, found);
      free.delete(found);
    }
  };
  const isOf = (one: Asked, proof: Given) => one.digest !== undefined && proof.proof?.digest.value === one.digest;
  match(isOf);
  // While a document is being hashed, its proof may still turn out to be another's: what is left is not guessed at before.
  if (asked.every(({ digest, isUnreadable }) => digest !== undefined || isUnreadable === true)) {
    match((one, proof) => free.has(proof) && one.name !== undefined && documentNameOf(proof.name) === one.name);
    const alone = asked.filter((one) => !proofOf.has(one) && one.isUnreadable !== true);
    if (alone.length === 1 && free.size === 1) match((one, proof) => free.has(proof) && one === alone[0]);
  }
  return [
    ...asked.map((one): Pair => {
      const proof = proofOf.get(one);
      return { id: one.id, asked: one, ...(proof === undefined ? {} : { given: proof }) };
    }),
    ...[...free].map((proof): Pair => ({ id: proof.id, given: proof })),
  ];
}
