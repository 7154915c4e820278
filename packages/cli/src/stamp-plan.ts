import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BLINDING_BYTES } from '@chronos/shared';
import { CliError, fileFault } from './cli-error.js';
import type { Input } from './inputs.js';
import { checkSameBlinding, checkWritable, findProofOf, isWhole, PROOF_SUFFIX } from './proof-file.js';
import type { ReportedJob } from './report.js';

export interface PlanOptions {
  blind?: boolean;
  out?: string;
  outDir?: string;
}

/**
 * Decides for each document where its proof goes, and refuses what could lose an earlier proof: all before anything is submitted.
 * One plan serves one run of the command, so that two documents never share a proof file.
 */
export class StampPlan {
  private readonly planned = new Map<string, ReportedJob>();

  constructor(private readonly options: PlanOptions) {}

  async jobFor(input: Input, digest: string): Promise<ReportedJob> {
    const proofPath = this.proofPath(input, digest);
    const job: ReportedJob = { name: input.name, digest, proofPath };
    try {
      await this.prepare(job, proofPath);
    } catch (error) {
      job.error = error;
    }
    return job;
  }

  private async prepare(job: ReportedJob, proofPath: string): Promise<void> {
    const twin = this.planned.get(resolve(proofPath));
    if (twin !== undefined && twin.digest !== job.digest) {
      throw new CliError(
        'file_in_the_way',
        `${job.name}: its proof file ${proofPath} would be that of ${twin.name}, too`,
        'Stamp them one by one, with --out.',
      );
    }
    this.planned.set(resolve(proofPath), job);
    const found = await findProofOf(job.digest, proofPath);
    if (found !== undefined && isWhole(found)) {
      job.proof = found;
      job.note = 'kept';
      return;
    }
    // An unfinished blinding is used again: another one would orphan what was submitted with it.
    const wanted = this.options.blind === true ? (found?.blinding ?? twin?.blinding ?? newBlinding()) : undefined;
    if (found !== undefined) checkSameBlinding(found, wanted, proofPath);
    if (wanted !== undefined) job.blinding = wanted;
    await this.makeFolder(proofPath);
    await checkWritable(proofPath);
  }

  private proofPath(input: Input, digest: string): string {
    const { out, outDir } = this.options;
    if (out !== undefined) return out;
    const name = input.source === 'file' ? input.name : digest;
    const path = outDir === undefined ? name : join(outDir, input.placeInFolder ?? basename(name));
    return path + PROOF_SUFFIX;
  }

  private async makeFolder(proofPath: string): Promise<void> {
    if (this.options.outDir === undefined) return;
    try {
      await mkdir(dirname(proofPath), { recursive: true });
    } catch (error) {
      throw fileFault(error, dirname(proofPath));
    }
  }
}

function newBlinding(): string {
  return randomBytes(BLINDING_BYTES).toString('hex');
}
