import {
  ChronosError,
  earliestAnchor,
  explorerLink,
  fromHex,
  isKnownAnchor,
  type Verification,
  type VerifyCode,
  verifyProof,
} from '@chronos/shared';
import type { Context, Outcome } from '../context.js';
import { EXIT, exitCodeOf } from '../exit-codes.js';
import { nativeHashInto } from '../hash-file.js';
import { errorDocument, type Output } from '../output.js';
import { isProofFile } from '../proof-file.js';
import { parseRpcOption, readersFor } from '../readers.js';
import { anchorDocuments } from '../report.js';
import { findTarget, type Target } from '../verify-target.js';
import { describeChain, printable, shellQuote, utc } from '../words.js';

export interface VerifyOptions {
  digest?: string;
  rpc?: string[];
}

const DOES_NOT_PROVE = 'It does not prove who made it, that what it says is true, or that it is not older.';

/** Verifies a document against the chain itself. The service is not asked. */
export async function verify(
  names: readonly (string | undefined)[],
  options: VerifyOptions,
  context: Context,
): Promise<Outcome> {
  const rpcUrls = parseRpcOption(options.rpc);
  const target = await findTarget(names, options.digest, context);
  const digest = fromHex(target.digest);
  context.output.status('Asking the chain…');
  const verification = await verifyProof(digest, target.proofText, readersFor(rpcUrls), nativeHashInto);
  const hint = verification.ok ? undefined : await hintFor(verification.code, target);
  show(verification, target, hint, context.output);
  return {
    exitCode: verification.ok ? EXIT.done : exitCodeOf(verification.code),
    document: documentOf(verification, target, hint),
  };
}

function show(verification: Verification, target: Target, hint: string | undefined, output: Output): void {
  const { paint } = output;
  output.line(`${paint.bold(printable(target.name))}  SHA-256 ${target.digest}`);
  for (const { ok, detail } of verification.checks) {
    output.line(`  ${ok ? paint.green('✓') : paint.red('✗')} ${printable(detail)}`);
  }
  if (!verification.ok) {
    const problem = new ChronosError(verification.code, `${verdict(verification.code)} (${verification.code})`);
    output.problem(problem, printable(target.name));
    if (hint !== undefined) output.note(`  ${hint}`);
    return;
  }
  const { block } = earliestAnchor(verification.proof)!;
  output.line(paint.green(`Verified: existed no later than ${paint.bold(utc(block.time))}`));
  output.line(`  ${DOES_NOT_PROVE}`);
  for (const { chain, explorer, transaction } of anchorFacts(verification)) {
    const { title, warning } = describeChain(chain);
    output.line(`  Anchored on ${title}, transaction ${transaction}`);
    if (explorer !== undefined) output.line(`  See it at ${explorer}`);
    if (warning !== undefined) output.line(`  ${paint.yellow(warning)}`);
  }
}

function anchorFacts({ proof }: Verification) {
  return (proof?.anchors ?? []).filter(isKnownAnchor).map((anchor) => {
    const { chain, transaction } = anchor;
    return { chain, transaction, explorer: explorerLink(anchor) };
  });
}

function verdict(code: VerifyCode): string {
  if (code === 'pending') return 'not complete yet';
  if (code === 'not_final') return 'not final yet';
  return code === 'chain_unreachable' ? 'could not be verified' : 'NOT verified';
}

/** What to do about each failure. */
export async function hintFor(code: VerifyCode, { name, digest, proofPath }: Target): Promise<string | undefined> {
  const upgrade = `chronos upgrade ${shellQuote(proofPath)}`;
  const askAgain = `The service gives it again: chronos proof ${digest} --out NEW.`;
  const fetchAgain = `The proof was damaged or forged. ${askAgain}`;
  switch (code) {
    case 'malformed_proof':
      return (await isProofFile(name))
        ? `${printable(name)} is a proof: name the document first, then its proof.`
        : `${printable(proofPath)} is no proof, or it was damaged. ${askAgain}`;
    case 'unsupported_format':
      return 'A newer chronos may know it.';
    case 'digest_mismatch':
      return 'Either the document was changed since it was stamped, were it by one bit, or this is the proof of another one.';
    case 'path_mismatch':
    case 'log_mismatch':
      return fetchAgain;
    case 'pending':
      return `Complete it with ${upgrade}, then verify again.`;
    case 'anchor_not_found':
      return 'The endpoint may be behind, or the proof forged: ask another endpoint with --rpc URL.';
    case 'anchor_mismatch':
      return 'The chain says otherwise than the proof: do not trust it. Other endpoints can be asked with --rpc URL.';
    case 'not_final':
      return 'Verify again in a few seconds.';
    case 'chain_unreachable':
      return 'This says nothing about the proof. Name an endpoint of its chain with --rpc URL, or try again later.';
  }
}

function documentOf(verification: Verification, target: Target, hint: string | undefined): object {
  const { ok, code, checks, proof } = verification;
  const facts = {
    ok,
    code,
    name: target.name,
    digest: target.digest,
    proofFile: target.proofPath,
    checks,
    ...(proof === undefined ? {} : { anchors: anchorDocuments(proof) }),
  };
  if (!verification.ok) {
    const error = errorDocument(new ChronosError(verification.code, verification.message));
    return { error: { ...error, ...(hint === undefined ? {} : { hint }) }, ...facts };
  }
  const { block, chain } = earliestAnchor(verification.proof)!;
  const { title, warning } = describeChain(chain);
  return {
    ...facts,
    existedNoLaterThan: block.time,
    network: title,
    ...(warning === undefined ? {} : { warning }),
    doesNotProve: DOES_NOT_PROVE,
  };
}
