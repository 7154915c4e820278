import { formatProof } from '@chronos/shared';
import { CliError } from '../cli-error.js';
import type { Context, Outcome } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { fetchProofs, follow, type Followed } from '../follow.js';
import { parseDigestArgument } from '../inputs.js';
import { isFinished } from '../job.js';
import { checkSameBlinding, checkWritable, findProofOf, isWhole, PROOF_SUFFIX } from '../proof-file.js';
import { jobsOutcome, type ReportedJob, reportEnd, reportJobs } from '../report.js';

export interface ProofOptions {
  out?: string;
  wait?: boolean;
  timeout: number;
}

/** Fetches the proof of a digest that was submitted before, from whatever machine. */
export async function proof(argument: string, options: ProofOptions, context: Context): Promise<Outcome> {
  const digest = parseDigestArgument(argument);
  const toStdout = options.out === '-';
  const job: ReportedJob = { name: digest, digest };
  if (!toStdout) await reserveFile(job, options.out ?? digest + PROOF_SUFFIX);
  const followed = isFinished(job) ? { exitCode: EXIT.done } : await fetchOne(job, options, context);
  if (job.error !== undefined) throw job.error;
  if (toStdout && job.proof !== undefined && !context.output.json) context.output.raw(formatProof(job.proof));
  if (!toStdout) reportJobs([job], context.output);
  reportEnd([job], followed, context.output);
  const { exitCode, document } = jobsOutcome([job], followed);
  const { items, ...rest } = document;
  return { exitCode, document: { ...rest, ...items[0], ...(toStdout ? { proof: job.proof } : {}) } };
}

async function reserveFile(job: ReportedJob, path: string): Promise<void> {
  job.proofPath = path;
  const found = await findProofOf(job.digest, path);
  if (found !== undefined && isWhole(found)) {
    job.proof = found;
    job.note = 'kept';
    return;
  }
  if (found !== undefined) checkSameBlinding(found, undefined, path);
  await checkWritable(path);
}

async function fetchOne(job: ReportedJob, options: ProofOptions, context: Context): Promise<Followed> {
  await fetchProofs([job], context);
  if (isFinished(job)) return { exitCode: EXIT.done };
  if (options.wait === true) return follow([job], { ...context, timeoutSeconds: options.timeout });
  if (context.signal.aborted) throw new CliError('interrupted', 'interrupted');
  return { exitCode: EXIT.pending };
}
