import {
  type Anchor,
  earliestAnchor,
  explorerLink,
  findNetwork,
  isKnownAnchor,
  type Proof,
  submittedOf,
} from '@chronos/shared';
import type { Outcome } from './context.js';
import { EXIT, type ExitCode, exitCodeOfError, worstExitCode } from './exit-codes.js';
import { isFinished, type Job } from './job.js';
import { type ErrorDocument, errorDocument, type Output } from './output.js';
import type { Followed } from './follow.js';
import { isWhole, PROOF_SUFFIX } from './proof-file.js';
import { describeChain, plural, printable, shellQuote, utc } from './words.js';

/** What came of a document; `kept`: its proof was complete before, `skipped`: it is a proof itself. */
export interface ReportedJob extends Job {
  note?: 'kept' | 'skipped';
  /** From the receipt: the service knew it before; when its window closes. */
  exists?: boolean;
  closesAt?: string;
}

/** The facts of a proof's anchors, for JSON. */
export function anchorDocuments(proof: Proof): object[] {
  return proof.anchors.filter(isKnownAnchor).map((anchor) => {
    const explorer = explorerLink(anchor);
    return { ...anchor, network: describeChain(anchor.chain).title, ...(explorer === undefined ? {} : { explorer }) };
  });
}

function statusOf(job: ReportedJob): string {
  if (job.error !== undefined) return 'failed';
  if (job.note === 'skipped') return 'skipped';
  return isFinished(job) ? 'complete' : 'pending';
}

function anchorOf(job: ReportedJob): Anchor | undefined {
  return job.proof !== undefined && isWhole(job.proof) ? earliestAnchor(job.proof) : undefined;
}

function jobDocument(job: ReportedJob): object {
  const { name, digest, proof, proofPath, error, note } = job;
  const anchor = anchorOf(job);
  return {
    name,
    status: statusOf(job),
    ...(note === 'kept' ? { kept: true } : {}),
    ...(digest === '' ? {} : { digest }),
    ...(job.blinding === undefined ? {} : { submitted: submittedOf(job) }),
    ...(proofPath === undefined || proof === undefined ? {} : { proofFile: proofPath }),
    ...(proof === undefined ? {} : { receivedAt: proof.receivedAt, window: proof.window }),
    ...(anchor === undefined ? {} : { anchoredAt: anchor.block.time }),
    ...(proof === undefined ? {} : { anchors: anchorDocuments(proof) }),
    ...(error === undefined ? {} : { error: errorDocument(error) }),
  };
}

/** One line on one document that did not fail. */
function jobLine(job: ReportedJob, { paint }: Output): string {
  const name = paint.bold(printable(job.name));
  if (job.note === 'skipped') return `${name}: skipped, it is a proof itself`;
  const where = job.proofPath === undefined ? 'memory' : printable(job.proofPath);
  const anchor = anchorOf(job);
  if (anchor === undefined) {
    return `${name}: ${job.closesAt === undefined ? 'not complete yet' : 'submitted'}; incomplete proof in ${where}`;
  }
  const facts = `${paint.green('anchored')} ${utc(anchor.block.time)}, ${describeChain(anchor.chain).title}`;
  return job.note === 'kept'
    ? `${name}: complete already, ${facts}; kept ${where}`
    : `${name}: ${facts}; proof in ${where}`;
}

interface JobsOutcome extends Outcome {
  document: { error?: ErrorDocument; items: object[] };
}

/** The outcome of a command over many documents: each has its item, the worst decides. */
export function jobsOutcome(jobs: readonly ReportedJob[], followed: Followed): JobsOutcome {
  const failures = jobs.filter((job) => job.error !== undefined).map((job) => job.error);
  const exitCode = worstExitCode([followed.exitCode, ...failures.map(exitCodeOfError)]);
  const error = overallError(exitCode, jobs, followed, failures);
  return { exitCode, document: { ...(error === undefined ? {} : { error }), items: jobs.map(jobDocument) } };
}

function overallError(exitCode: ExitCode, jobs: readonly ReportedJob[], followed: Followed, failures: unknown[]) {
  if (exitCode === EXIT.done) return undefined;
  const pending = jobs.filter((job) => statusOf(job) === 'pending').length;
  if (exitCode === EXIT.interrupted) return { code: 'interrupted', message: `interrupted; ${pending} incomplete` };
  const failure = failures.find((error) => exitCodeOfError(error) === exitCode) ?? followed.fault;
  if (failure !== undefined) return errorDocument(failure);
  return { code: 'pending', message: `${plural(pending, 'proof')} not complete yet: ask again later` };
}

/** How to go on with the proofs that are still incomplete. */
function upgradeHint(jobs: readonly ReportedJob[]): string | undefined {
  const files = jobs
    .filter((job) => statusOf(job) === 'pending')
    .flatMap(({ name, proofPath }) => (proofPath === name + PROOF_SUFFIX ? name : (proofPath ?? [])));
  if (files.length === 0) return undefined;
  const names = files.length <= 3 ? files.map(shellQuote).join(' ') : 'FILE…';
  return `Complete ${files.length === 1 ? 'it' : 'them'} in about a minute: chronos upgrade ${names}`;
}

/** A line for each document; a fault that many share is told once. */
export function reportJobs(jobs: readonly ReportedJob[], output: Output): void {
  const told = new Set<unknown>();
  for (const job of jobs) {
    if (job.error === undefined) output.line(jobLine(job, output));
    else if (!told.has(job.error)) {
      told.add(job.error);
      const sharing = jobs.filter(({ error }) => error === job.error).length;
      output.problem(job.error, sharing === 1 ? printable(job.name) : plural(sharing, 'document'));
    }
  }
}

/** How it all ended, and how to go on. */
export function reportEnd(jobs: readonly ReportedJob[], followed: Followed, output: Output): void {
  const complete = jobs.filter((job) => statusOf(job) === 'complete');
  const failed = jobs.filter((job) => job.error !== undefined).length;
  if (jobs.length > 1) {
    const pending = jobs.filter((job) => statusOf(job) === 'pending').length;
    const counts = [
      `${complete.length} complete`,
      `${pending} incomplete`,
      ...(failed > 0 ? [`${failed} failed`] : []),
    ];
    output.note(`${plural(jobs.length, 'document')}: ${counts.join(', ')}.`);
  }
  const anchors = complete.flatMap((job) => job.proof?.anchors ?? []).filter(isKnownAnchor);
  for (const warning of new Set(anchors.map((anchor) => describeChain(anchor.chain).warning))) {
    if (warning !== undefined) output.note(warning);
  }
  if (followed.exitCode === EXIT.interrupted)
    output.note('Interrupted. Nothing is lost: the incomplete proofs are valid.');
  if (followed.fault !== undefined) output.problem(followed.fault);
  const hint = upgradeHint(jobs);
  if (hint !== undefined) output.note(hint);
  else if (complete[0] !== undefined && jobs.length === 1) {
    output.note(`Check it against the chain: ${verifyCommand(complete[0])}`);
    if (anchors.some((anchor) => findNetwork(anchor.chain)?.name === 'local')) {
      output.note('  (with --rpc URL where the test chain does not answer at http://127.0.0.1:7445)');
    }
  }
}

function verifyCommand({ name, digest, proofPath }: ReportedJob): string {
  if (proofPath === name + PROOF_SUFFIX && name !== digest) return `chronos verify ${shellQuote(name)}`;
  const proof = proofPath === undefined ? 'PROOF' : shellQuote(proofPath);
  if (name === digest || name === 'standard input') return `chronos verify --digest ${digest} ${proof}`;
  return `chronos verify ${name === proofPath ? 'FILE' : shellQuote(name)} ${proof}`;
}
