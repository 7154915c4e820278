import { ownProof, type Proof } from '@chronos/shared';
import { nativeHashInto } from './hash-file.js';
import { completeness, isWhole, saveProof } from './proof-file.js';

/** One document on its way to a complete proof. */
export interface Job {
  /** What the user called it. */
  name: string;
  digest: string;
  /** 32 hex digits, kept by us alone. */
  blinding?: string;
  /** Where the proof is kept; without it, only in memory. */
  proofPath?: string;
  proof?: Proof;
  /** What ended it, if it failed. */
  error?: unknown;
}

export function isFinished(job: Job): boolean {
  return job.error !== undefined || (job.proof !== undefined && isWhole(job.proof));
}

/**
 * Takes a proof that the service gave, which is not trusted: it must be of what was submitted and hold in itself. The client's own digest
 * and blinding go into it, and it is kept where it says at least as much as the one there was. A failure is the job's end.
 */
export async function acceptProof(job: Job, served: Proof): Promise<void> {
  try {
    const proof = ownProof(job, served, nativeHashInto);
    if (job.proofPath !== undefined) job.proof = await saveProof(job.proofPath, proof);
    else if (job.proof === undefined || completeness(proof) >= completeness(job.proof)) job.proof = proof;
  } catch (error) {
    job.error = error;
  }
}
