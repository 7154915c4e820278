import type { Receipt } from './api.js';
import { fromHex, toHex } from './bytes.js';
import { ChronosError } from './errors.js';
import { blindDigest } from './hash-rules.js';
import { type Proof, PROOF_FORMAT } from './proof.js';
import type { HashInto } from './sha256.js';
import { verifyStructure } from './verify-proof.js';

// What a client does with the receipts and proofs that a service gives it.

/** A document as its owner knows it, in hex: the blinding is the owner's alone. */
export interface Owned {
  /** 64 hex digits. */
  digest: string;
  /** 32 hex digits, when blinded. */
  blinding?: string;
}

/** What the service knows a document by, 64 hex digits: its digest, or the blinded form of it. DESIGN section 3. */
export function submittedOf({ digest, blinding }: Owned): string {
  return blinding === undefined ? digest : toHex(blindDigest(fromHex(digest), fromHex(blinding)));
}

/** The incomplete proof that a receipt makes; of what was submitted, like one that the service gives. */
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
 * The owner's proof, made from one that the service gave, which is not trusted: it must be of what was submitted and hold in itself. The owner's
 * digest and blinding go into it. Throws `digest_mismatch`, or the code of the check that failed.
 */
export function ownProof(owned: Owned, served: Proof, hashInto?: HashInto): Proof {
  if (served.digest.value !== submittedOf(owned)) {
    throw new ChronosError(
      'digest_mismatch',
      `the service answered with the proof of another digest, ${served.digest.value}`,
    );
  }
  const { format, digest, blinding: _none, ...rest } = served;
  const proof: Proof = {
    format,
    digest: { ...digest, value: owned.digest },
    ...(owned.blinding === undefined ? {} : { blinding: owned.blinding }),
    ...rest,
  };
  const structure = verifyStructure(fromHex(owned.digest), proof, hashInto);
  if (!structure.ok && structure.code !== 'pending') {
    throw new ChronosError(
      structure.code,
      `the service answered with a proof that does not hold: ${structure.message}`,
    );
  }
  return proof;
}
