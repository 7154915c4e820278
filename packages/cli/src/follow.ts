import {
  ChronosError,
  MAX_DIGESTS_PER_PROOF_REQUEST,
  type ProofsReply,
  submittedOf,
  windowEndMs,
} from '@chronos/shared';
import { nowMs, pause } from './clock.js';
import { type ExitCode, exitCodeOfError, EXIT } from './exit-codes.js';
import { acceptProof, isFinished, type Job } from './job.js';
import type { Output } from './output.js';
import { chunks, openService, withRetries } from './service.js';
import { errorText, minutes, plural } from './words.js';

/** How long a held request is held: below the minute after which load balancers tend to cut it. */
const HOLD_SECONDS = 30;
const WRITES_AT_ONCE = 8;

export interface FollowOptions {
  server: string;
  output: Output;
  signal: AbortSignal;
}

/** Asks once for the proofs of `jobs`, in bulk, and takes what comes. Throws what ends the request; a single digest's fault ends its job. */
export async function fetchProofs(jobs: readonly Job[], { server, signal }: FollowOptions): Promise<void> {
  const service = openService(server, signal);
  for (const part of chunks(groupBySubmitted(jobs), MAX_DIGESTS_PER_PROOF_REQUEST)) {
    const digests = part.map(([submitted]) => submitted);
    const { items } = await withRetries(() => service.proofs(digests), signal);
    const replies = new Map(items.map((item) => [item.digest, item]));
    for (const group of chunks(part, WRITES_AT_ONCE)) {
      await Promise.all(
        group.map(async ([submitted, same]) => {
          for (const job of same) await takeReply(job, replies.get(submitted));
        }),
      );
    }
  }
}

/** Documents with the same content are one digest to the service. */
function groupBySubmitted(jobs: readonly Job[]): [string, Job[]][] {
  const groups = new Map<string, Job[]>();
  for (const job of jobs) {
    const submitted = submittedOf(job);
    groups.set(submitted, [...(groups.get(submitted) ?? []), job]);
  }
  return [...groups];
}

async function takeReply(job: Job, reply: ProofsReply['items'][number] | undefined): Promise<void> {
  if (reply?.proof) return acceptProof(job, reply.proof);
  job.error = new ChronosError('unknown_digest', 'the service does not know this digest');
}

/** How following ended: all jobs are finished, the time was up, or Ctrl-C; and the last fault, if the service was away at the end. */
export interface Followed {
  exitCode: ExitCode;
  fault?: unknown;
}

/**
 * Follows jobs until each has a complete proof. One request is held for the digest whose window closes first; when it is answered the proofs
 * of its window are fetched in bulk, as all of them became complete together. A service that is away for a while is asked again.
 */
export async function follow(
  jobs: readonly Job[],
  options: FollowOptions & { timeoutSeconds: number },
): Promise<Followed> {
  const deadline = nowMs() + options.timeoutSeconds * 1000;
  const timeUp = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const signal = AbortSignal.any([options.signal, timeUp]);
  const ticker = showWaiting(jobs, options.output);
  let fault: unknown;
  let faults = 0;
  try {
    for (;;) {
      const waiting = jobs.filter((job) => !isFinished(job));
      const first = waiting.reduce<Job | undefined>((a, b) => (a && windowOf(a) <= windowOf(b) ? a : b), undefined);
      if (first === undefined) return { exitCode: EXIT.done };
      try {
        await hold(first, { ...options, signal }, deadline);
        await fetchProofs(
          waiting.filter((job) => windowOf(job) <= windowOf(first)),
          { ...options, signal },
        );
        fault = undefined;
        faults = 0;
      } catch (error) {
        if (!signal.aborted) {
          if (exitCodeOfError(error) !== EXIT.unreachable) throw error;
          if (fault === undefined) options.output.note(`${errorText(error)}; trying on`);
          fault = error;
          await pause(Math.min(2 ** faults++, 10) * 1000, signal);
        }
      }
      if (options.signal.aborted) return { exitCode: EXIT.interrupted };
      if (timeUp.aborted)
        return fault === undefined ? { exitCode: EXIT.pending } : { exitCode: EXIT.unreachable, fault };
    }
  } finally {
    clearInterval(ticker);
    options.output.clearStatus();
  }
}

function windowOf(job: Job): number {
  return job.proof?.window.id ?? 0;
}

/** Returns when the job's proof may be complete. A service that does not hold its answer back is not asked without a pause. */
async function hold(job: Job, { server, signal }: FollowOptions, deadline: number): Promise<void> {
  const started = nowMs();
  const waitSeconds = Math.min(HOLD_SECONDS, Math.max(1, Math.ceil((deadline - started) / 1000)));
  const reply = await openService(server, signal)
    .proof(submittedOf(job), { waitSeconds })
    .catch((error: unknown) => {
      // A plain "no" concerns this digest alone: fetching in bulk will tell it for each.
      if (exitCodeOfError(error) === EXIT.refused && error instanceof ChronosError) return undefined;
      throw error;
    });
  if (reply === undefined || reply.complete) return;
  const held = nowMs() - started;
  const pauseMs = Math.min(Math.max(reply.retryAfterSeconds ?? 1, 0.25), HOLD_SECONDS) * 1000;
  if (held < waitSeconds * 1000 - 500) await pause(pauseMs, signal);
}

function showWaiting(jobs: readonly Job[], output: Output): NodeJS.Timeout | undefined {
  if (!output.watched) return undefined;
  const show = () => {
    const waiting = jobs.filter((job) => !isFinished(job));
    const closes = Math.min(
      ...waiting.map(({ proof }) => (proof ? windowEndMs(proof.window.id, proof.window.seconds) : 0)),
    );
    const secondsLeft = (closes - nowMs()) / 1000;
    const stage = secondsLeft > 0 ? `the window closes in ${minutes(secondsLeft)}` : 'anchoring';
    output.status(`Waiting for ${plural(waiting.length, 'proof')}: ${stage}. Ctrl-C leaves it for later.`);
  };
  show();
  return setInterval(show, 1000);
}
