import { ChronosError, MAX_DIGESTS_PER_SUBMISSION, proofFromReceipt, type Receipt, submittedOf } from '@chronos/shared';
import { CliError } from '../cli-error.js';
import type { Context, Outcome } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { fetchProofs, follow, type Followed } from '../follow.js';
import { hashInputs } from '../hashing.js';
import { type Input, listInputs } from '../inputs.js';
import { acceptProof, isFinished } from '../job.js';
import type { Output } from '../output.js';
import { jobsOutcome, type ReportedJob, reportEnd, reportJobs } from '../report.js';
import { chunks, openService, withRetries } from '../service.js';
import { type PlanOptions, StampPlan } from '../stamp-plan.js';
import { plural, utc } from '../words.js';

export interface StampOptions extends PlanOptions {
  digest?: string[];
  recursive?: boolean;
  wait?: boolean;
  timeout: number;
}

/** Stamps documents: hash, submit, keep the incomplete proofs at once, and with --wait follow until they are complete. */
export async function stamp(files: readonly string[], options: StampOptions, context: Context): Promise<Outcome> {
  const inputs = await listInputs(files, { ...options, digests: options.digest ?? [] });
  if (options.out !== undefined && inputs.length !== 1) {
    throw new CliError('usage', `--out is for one document, and there are ${inputs.length}: use --out-dir`);
  }
  const plan = new StampPlan(options);
  const jobs: ReportedJob[] = [];
  for (const part of chunks(inputs, MAX_DIGESTS_PER_SUBMISSION)) {
    jobs.push(...(await stampPart(part, plan, options, context, jobs)));
  }
  const followed = options.wait === true ? await followAll(jobs, options.timeout, context) : { exitCode: EXIT.done };
  reportJobs(jobs, context.output);
  remarks(jobs, options, context.output);
  reportEnd(jobs, followed, context.output);
  return jobsOutcome(jobs, followed);
}

/** Hashes and submits one request's worth. A document's fault is its job's error. */
async function stampPart(
  inputs: readonly Input[],
  plan: StampPlan,
  options: StampOptions,
  context: Context,
  earlier: readonly ReportedJob[],
): Promise<ReportedJob[]> {
  const jobs: ReportedJob[] = [];
  const hashed = await hashInputs(
    inputs.filter(({ skipped }) => skipped !== true),
    context,
  );
  if (context.signal.aborted) throw new CliError('interrupted', interruptedText(earlier));
  for (const input of inputs) {
    const result = hashed.get(input);
    if (result === undefined) jobs.push({ name: input.name, digest: '', note: 'skipped' });
    else if ('error' in result) jobs.push({ name: input.name, digest: '', error: result.error });
    else jobs.push(await plan.jobFor(input, result.digest));
  }
  const toSubmit = jobs.filter((job) => job.error === undefined && job.note === undefined);
  try {
    await submit(toSubmit, context);
    const known = toSubmit.filter((job) => job.exists === true && !isFinished(job));
    // Known to the service already: it may well have the complete proof.
    if (options.wait !== true && known.length > 0) await fetchProofs(known, context);
  } catch (error) {
    for (const job of toSubmit) if (job.proof === undefined) job.error ??= error;
  }
  return jobs;
}

function interruptedText(earlier: readonly ReportedJob[]): string {
  const submitted = earlier.filter((job) => job.proof !== undefined).length;
  return submitted === 0
    ? 'interrupted; nothing was submitted'
    : `interrupted; ${plural(submitted, 'document')} had been submitted: the same command goes on with the rest`;
}

async function submit(jobs: readonly ReportedJob[], { server, signal }: Context): Promise<void> {
  const digests = [...new Set(jobs.map(submittedOf))];
  if (digests.length === 0) return;
  const service = openService(server, signal);
  const { items } = await withRetries(() => service.submit(digests), signal);
  const receipts = new Map<string, Receipt>(items.map((receipt) => [receipt.digest, receipt]));
  for (const group of chunks(jobs, 8)) {
    await Promise.all(group.map((job) => takeReceipt(job, receipts.get(submittedOf(job)))));
  }
}

async function takeReceipt(job: ReportedJob, receipt: Receipt | undefined): Promise<void> {
  if (receipt === undefined) {
    job.error = new ChronosError('service_unreachable', 'the service gave no receipt for this digest: stamp it again');
    return;
  }
  job.exists = receipt.status === 'exists';
  job.closesAt = receipt.window.closesAt;
  await acceptProof(job, proofFromReceipt(receipt));
}

function followAll(jobs: readonly ReportedJob[], timeoutSeconds: number, context: Context): Promise<Followed> {
  const submitted = jobs.filter((job) => job.proof !== undefined);
  return follow(submitted, { ...context, timeoutSeconds });
}

/** What the lines of the single documents do not say. */
function remarks(jobs: readonly ReportedJob[], options: StampOptions, output: Output): void {
  const [only] = jobs;
  const submitted = jobs.filter((job) => job.closesAt !== undefined && job.error === undefined);
  if (jobs.length === 1 && only?.closesAt !== undefined && !isFinished(only)) {
    output.note(`Its window closes at ${utc(only.closesAt)}.`);
  }
  if (options.blind === true && submitted.length > 0) {
    output.note('Blinded: the service did not see the digest. The proof file alone holds the blinding: keep it.');
  }
  if (jobs.some((job) => job.note === 'kept')) {
    output.note('A complete proof is never replaced; to stamp the document once more, name another file with --out.');
  }
}
