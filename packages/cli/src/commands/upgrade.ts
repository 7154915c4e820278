import { CliError } from '../cli-error.js';
import type { Context, Outcome } from '../context.js';
import { EXIT, exitCodeOfError, worstExitCode } from '../exit-codes.js';
import { fetchProofs, follow, type Followed } from '../follow.js';
import { isFinished } from '../job.js';
import { isWhole, locateProof, readProof } from '../proof-file.js';
import { jobsOutcome, type ReportedJob, reportEnd, reportJobs } from '../report.js';

export interface UpgradeOptions {
  wait?: boolean;
  timeout: number;
}

/** Completes incomplete proofs; complete ones are left as they are. */
export async function upgrade(names: readonly string[], options: UpgradeOptions, context: Context): Promise<Outcome> {
  const jobs: ReportedJob[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    const job = await jobFor(name);
    // `upgrade *` names the document and its proof: that is one.
    const key = job.proofPath ?? name;
    if (!seen.has(key)) jobs.push(job);
    seen.add(key);
  }
  const incomplete = jobs.filter((job) => !isFinished(job));
  const followed = await complete(incomplete, options, context);
  reportJobs(jobs, context.output);
  reportEnd(jobs, followed, context.output);
  return jobsOutcome(jobs, followed);
}

async function jobFor(name: string): Promise<ReportedJob> {
  try {
    const proofPath = await locateProof(name);
    const proof = await readProof(proofPath);
    return {
      name,
      digest: proof.digest.value,
      ...(proof.blinding === undefined ? {} : { blinding: proof.blinding }),
      proofPath,
      proof,
      ...(isWhole(proof) ? { note: 'kept' } : {}),
    };
  } catch (error) {
    return { name, digest: '', error };
  }
}

async function complete(jobs: ReportedJob[], options: UpgradeOptions, context: Context): Promise<Followed> {
  try {
    if (jobs.length > 0) await fetchProofs(jobs, context);
  } catch (fault) {
    const exitCode = exitCodeOfError(fault);
    // With --wait a service that is away is waited for, as well.
    if (exitCode !== EXIT.unreachable || options.wait !== true) {
      if (fault instanceof CliError && fault.code === 'interrupted') return { exitCode: EXIT.interrupted };
      return { exitCode, fault };
    }
  }
  if (options.wait === true) return follow(jobs, { ...context, timeoutSeconds: options.timeout });
  return { exitCode: worstExitCode(jobs.map((job) => (isFinished(job) ? EXIT.done : EXIT.pending))) };
}
