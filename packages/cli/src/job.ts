import {
  blindDigest,
  ChronosError,
  fromHex,
  type Proof,
  PROOF_FORMAT,
  type Receipt,
  toHex,
  verifyStructure,
} from '@chronos/shared';
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

/** What the service knows the document by. */
export function submittedOf({ digest, blinding }: Pick<Job, 'digest' | 'blinding'>): string {
  return blinding === undefined ? digest : toHex(blindDigest(fromHex(digest), fromHex(blinding)));
}

export function isFinished(job: Job): boolean {
  return job.error !== undefined || (job.proof !== undefined && isWhole(job.proof));
}

/** The incomplete proof that a receipt makes. */
export function proofFromReceipt(receipt: Receipt): Proof {
  return {
    format: PROOF_FORMAT,
    digest: { algorithm: 'sha256', value: receipt.digest },
    salt: receipt.salt,
    receivedAt: receipt.receivedAt,
    window: { id: receipt.window.id, seconds: receipt.window.seconds },
    anchors: [],
  };
}

/**
 * Takes a proof that the service gave, which is not trusted: it must be of what was submitted and hold in itself. The client's own digest
 * and blinding go into it, and it is kept where it says at least as much as the one there was. A failure is the job's end.
 */
export async function acceptProof(job: Job, served: Proof): Promise<void> {
  try {
    const proof = ownProof(job, served);
    if (job.proofPath !== undefined) job.proof = await saveProof(job.proofPath, proof);
    else if (job.proof === undefined || completeness(proof) >= completeness(job.proof)) job.proof = proof;
  } catch (error) {
    job.error = error;
  }
}

function ownProof(job: Job, served: Proof): Proof {
  const submitted = submittedOf(job);
  if (served.digest.value !== submitted) {
    throw new ChronosError(
      'digest_mismatch',
      `the service answered with the proof of another digest, ${served.digest.value}`,
    );
  }
  const { format, digest: servedDigest, blinding: _none, ...rest } = served;
  const proof: Proof = {
    format,
    digest: { ...servedDigest, value: job.digest },
    ...(job.blinding === undefined ? {} : { blinding: job.blinding }),
    ...rest,
  };
  const structure = verifyStructure(fromHex(job.digest), proof, nativeHashInto);
  if (!structure.ok && structure.code !== 'pending') {
    throw new ChronosError(
      structure.code,
      `the service answered with a proof that does not hold: ${structure.message}`,
    );
  }
  return proof;
}
