import { fromHex, toHex } from './bytes.js';
import { entryHash, windowRecord } from './hash-rules.js';
import { leafHash } from './merkle.js';
import { type PathStep, pathSteps } from './path-steps.js';
import type { Proof } from './proof.js';
import { submittedDigest } from './verify-proof.js';

/** Every value between a digest and its anchors, computed from the proof alone. Hex. */
export interface Explanation {
  digest: string;
  blinding?: string;
  submitted: string;
  salt: string;
  receivedAt: string;
  window: Proof['window'];
  entry: string;
  leaf: string;
  inclusion?: { leafIndex: number; treeSize: number; steps: PathStep[]; root: string };
  log?: { record: string; leaf: string; index: number; treeSize: number; steps: PathStep[]; root: string };
}

/** Follows a proof from its digest to its roots, for people. It judges nothing: the verifier does. */
export function explain(proof: Proof): Explanation {
  const submitted = submittedDigest(fromHex(proof.digest.value), proof);
  const entry = entryHash(submitted, fromHex(proof.salt));
  const leaf = leafHash(entry);
  const { inclusion, log } = proof;
  const facts: Explanation = {
    digest: proof.digest.value,
    ...(proof.blinding === undefined ? {} : { blinding: proof.blinding }),
    submitted: toHex(submitted),
    salt: proof.salt,
    receivedAt: proof.receivedAt,
    window: { id: proof.window.id, seconds: proof.window.seconds },
    entry: toHex(entry),
    leaf: toHex(leaf),
  };
  if (inclusion === undefined || log === undefined) return facts;
  const record = windowRecord(proof.window.id, inclusion.treeSize, fromHex(inclusion.root));
  const logLeaf = leafHash(record);
  return {
    ...facts,
    inclusion: {
      leafIndex: inclusion.leafIndex,
      treeSize: inclusion.treeSize,
      steps: pathSteps(leaf, inclusion.leafIndex, inclusion.treeSize, inclusion.path),
      root: inclusion.root,
    },
    log: {
      record: toHex(record),
      leaf: toHex(logLeaf),
      index: log.index,
      treeSize: log.treeSize,
      steps: pathSteps(logLeaf, log.index, log.treeSize, log.path),
      root: log.root,
    },
  };
}
