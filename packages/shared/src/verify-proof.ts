import { equalBytes, fromHex } from './bytes.js';
import { type ChainReader, checkAnchor } from './chain-reader.js';
import { ChronosError } from './errors.js';
import { blindDigest, entryHash, windowRecord } from './hash-rules.js';
import { leafHash, verifyInclusion } from './merkle.js';
import { isKnownAnchor } from './parsed-proof.js';
import { parseProof, type Proof, PROOF_FORMAT } from './proof.js';
import type { HashInto } from './sha256.js';
import { VERIFY_CODES, type VerifyCode } from './verify-codes.js';

/** One step of verifying, in the order they are made; later ones are not made once one has failed. */
export interface Check {
  name: 'format' | 'digest' | 'inclusion' | 'log' | 'complete' | 'anchor';
  ok: boolean;
  /** One sentence for people. */
  detail: string;
}

/** The outcome of verifying. `proof` is there where it could be read; `message` is a sentence for people. */
export type Verification =
  | { ok: true; code: 'ok'; checks: Check[]; proof: Proof }
  | { ok: false; code: VerifyCode; message: string; checks: Check[]; proof?: Proof };

/** Ends a verification with its outcome. */
class Refused extends Error {
  constructor(
    readonly code: VerifyCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The checks that need no chain: that `proofInput` (the text of a proof file, or its parsed value) is a well-formed proof of `digest`
 * (32 bytes, the one the caller asks about), that its path leads to the window's root, the log path to the log's root, and that it
 * states an anchor. `ok` here means: true if the anchors hold.
 */
export function verifyStructure(digest: Uint8Array, proofInput: unknown, hashInto?: HashInto): Verification {
  const checks: Check[] = [];
  let proof: Proof | undefined;
  const step = (name: Check['name'], code: VerifyCode, ok: boolean, good: string, bad: string) => {
    checks.push({ name, ok, detail: ok ? good : bad });
    if (!ok) throw new Refused(code, bad);
  };
  try {
    proof = parseOrRefuse(proofInput, checks);
    const { inclusion, log } = proof;
    const unsupported = unsupportedPart(proof);
    step('format', 'unsupported_format', unsupported === undefined, `the file is a ${PROOF_FORMAT}`, unsupported ?? '');
    step(
      'digest',
      'digest_mismatch',
      equalBytes(digest, fromHex(proof.digest.value)),
      'the proof is of this digest',
      `the proof is of digest ${proof.digest.value}, not of the one asked about: take the proof that belongs to this document`,
    );
    step(
      'inclusion',
      'path_mismatch',
      inclusion === undefined || inclusionHolds(digest, proof, inclusion, hashInto),
      inclusion === undefined ? 'the window is still open' : 'the path leads from the digest to the root of its window',
      'the path does not lead from the digest to the root: the digest, salt, position or path was changed',
    );
    step(
      'log',
      'log_mismatch',
      log === undefined || (inclusion !== undefined && logHolds(proof.window.id, inclusion, log, hashInto)),
      log === undefined ? 'the window is not in the log yet' : 'the window stands in the log of windows',
      'the log path does not lead from the window to the root of the log: the window or the log part was changed',
    );
    step(
      'complete',
      'pending',
      proof.anchors.length > 0,
      'the proof names the transaction that anchored it',
      'the proof is not complete yet: its window has not been anchored in a final block; fetch it again later',
    );
    return { ok: true, code: 'ok', checks, proof };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ok: false, code: error.code, message: error.message, checks, ...(proof === undefined ? {} : { proof }) };
  }
}

/**
 * The whole verification: {@link verifyStructure}, then every anchor against every reader of its chain. All readers must agree; where they
 * differ the first code in the order of {@link VERIFY_CODES} is the outcome.
 */
export async function verifyProof(
  digest: Uint8Array,
  proofInput: unknown,
  readersOf: (chain: string) => readonly ChainReader[],
  hashInto?: HashInto,
): Promise<Verification> {
  const structure = verifyStructure(digest, proofInput, hashInto);
  if (!structure.ok) return structure;
  const { proof, checks } = structure;
  const failures: { code: VerifyCode; message: string }[] = [];
  for (const anchor of proof.anchors.filter(isKnownAnchor)) {
    const readers = readersOf(anchor.chain);
    if (readers.length === 0) {
      const message = `no endpoint is known for chain ${anchor.chain}: name one`;
      checks.push({ name: 'anchor', ok: false, detail: message });
      failures.push({ code: 'chain_unreachable', message });
    }
    for (const outcome of await Promise.all(readers.map((reader) => checkAnchor(reader, anchor, proof)))) {
      checks.push({ name: 'anchor', ok: outcome.ok, detail: outcome.message });
      if (!outcome.ok) failures.push(outcome);
    }
  }
  const [worst] = failures.sort((a, b) => VERIFY_CODES.indexOf(a.code) - VERIFY_CODES.indexOf(b.code));
  return worst === undefined ? structure : { ok: false, code: worst.code, message: worst.message, checks, proof };
}

function parseOrRefuse(input: unknown, checks: Check[]): Proof {
  try {
    return parseProof(input);
  } catch (error) {
    if (!(error instanceof ChronosError)) throw error;
    checks.push({ name: 'format', ok: false, detail: error.message });
    throw new Refused('malformed_proof', error.message);
  }
}

function unsupportedPart(proof: Proof): string | undefined {
  const later = proof.anchors.find((anchor) => !isKnownAnchor(anchor));
  if (proof.format !== PROOF_FORMAT) return `the format ${JSON.stringify(proof.format)} is not known to this program`;
  if (proof.digest.algorithm !== 'sha256')
    return `the algorithm ${JSON.stringify(proof.digest.algorithm)} is not known to this program`;
  if (later !== undefined) return `the anchor type ${JSON.stringify(later.type)} is not known to this program`;
  return undefined;
}

/** What the service was given for this proof: the digest itself, or its blinded form. 32 bytes. */
export function submittedDigest(digest: Uint8Array, proof: Proof, hashInto?: HashInto): Uint8Array {
  return proof.blinding === undefined ? digest : blindDigest(digest, fromHex(proof.blinding), hashInto);
}

type Inclusion = NonNullable<Proof['inclusion']>;
type Log = NonNullable<Proof['log']>;

function inclusionHolds(digest: Uint8Array, proof: Proof, inclusion: Inclusion, hashInto?: HashInto): boolean {
  const { leafIndex, treeSize, path, root } = inclusion;
  const entry = entryHash(submittedDigest(digest, proof, hashInto), fromHex(proof.salt), hashInto);
  const leaf = leafHash(entry, hashInto);
  return verifyInclusion(leaf, BigInt(leafIndex), BigInt(treeSize), path.map(fromHex), fromHex(root), hashInto);
}

function logHolds(windowId: number, inclusion: Inclusion, log: Log, hashInto?: HashInto): boolean {
  const { index, treeSize, path, root } = log;
  const leaf = leafHash(windowRecord(windowId, inclusion.treeSize, fromHex(inclusion.root)), hashInto);
  return verifyInclusion(leaf, BigInt(index), BigInt(treeSize), path.map(fromHex), fromHex(root), hashInto);
}
