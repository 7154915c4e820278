import { readFileSync } from 'node:fs';

export interface WindowTree {
  readonly size: number;
  readonly digests: readonly string[];
  readonly salts: readonly string[];
  readonly root: string;
  readonly proofs: readonly { readonly leafIndex: number; readonly path: readonly string[] }[];
}

/** Of the malformed cases, fields may have other types than these. */
export interface ProofCase {
  readonly name: string;
  readonly digest: string;
  readonly expect: string;
  readonly proof: {
    readonly salt: string;
    readonly blinding?: string;
    readonly inclusion?: {
      readonly leafIndex: number;
      readonly treeSize: number;
      readonly path: readonly string[];
      readonly root: string;
    };
  };
}

function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/chronos/${name}`, import.meta.url), 'utf8'));
}

export const windowTrees = (readVectors('window-trees.json') as { trees: readonly WindowTree[] }).trees;
export const proofCases = (readVectors('proofs.json') as { cases: readonly ProofCase[] }).cases;
