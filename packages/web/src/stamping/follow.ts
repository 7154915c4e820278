import type { Proof } from '@chronos/shared';
import { nowMs, pause } from '../clock.js';
import { isRefusal } from '../service/poll.js';
import { type Item, windowOf } from './stamp.js';
import type { StampingService } from './stamping-service.js';

/** How long a request is held: below the minute after which load balancers tend to cut it. */
const HOLD_SECONDS = 25;
const NEWS_EVERY_MS = 1_500;
const MOST_AT_ONCE = 1_000;

type Hashed = Item & { digest: string };

export interface Following extends StampingService {
  /** What is submitted and not final. */
  waiting: () => Hashed[];
  /** These have new proofs. */
  onProofs: (items: readonly Hashed[]) => Promise<void>;
  /** Something is known of a transaction on its way. */
  onNews: () => void;
  /** Resolves when it is time to try again. */
  onFault: (faults: number, error: unknown) => Promise<void>;
  /** The service does not know some of them any more: they are to be submitted again. */
  onLost: () => void;
}

/**
 * Follows documents until each has a complete proof. One request is held for the window that closes first; when it is answered, the proofs of
 * its documents are fetched in bulk, as all of them became complete together.
 */
export async function follow(following: Following): Promise<void> {
  for (let faults = 0; ;) {
    const waiting = following.waiting();
    if (waiting.length === 0) return;
    const window = Math.min(...new Set(waiting.map(windowOf)));
    const first = waiting.filter((item) => windowOf(item) === window);
    const over = new AbortController();
    const news = watchTransaction(first, following, over.signal);
    try {
      await hold(first[0]!, following);
      await fetchProofs(first, following);
      faults = 0;
    } catch (error) {
      if (isRefusal(error)) {
        for (const item of first) {
          item.stage = 'failed';
          item.fault = { kind: 'refused', message: (error as Error).message };
        }
        await following.onProofs(first);
      } else {
        await following.onFault(++faults, error);
      }
    } finally {
      over.abort();
      await news;
    }
  }
}

/** Returns when the proof may be complete. A service that does not hold its answer back is not asked without a pause. */
async function hold(item: Hashed, { shared, client }: Following): Promise<void> {
  const { submittedOf } = await shared();
  const startedMs = nowMs();
  try {
    const reply = await (await client()).proof(submittedOf(item), { waitSeconds: HOLD_SECONDS });
    if (reply.complete || nowMs() - startedMs > (HOLD_SECONDS - 1) * 1000) return;
    await pause(Math.min(Math.max(reply.retryAfterSeconds ?? 1, 0.5), HOLD_SECONDS) * 1000);
  } catch (error) {
    if (!isUnknown(error)) throw error;
  }
}

/** Takes the proofs as they stand. */
async function fetchProofs(items: readonly Hashed[], following: Following): Promise<void> {
  const { submittedOf, ownProof } = await following.shared();
  const client = await following.client();
  const bySubmitted = new Map<string, Hashed[]>();
  for (const item of items) {
    const submitted = submittedOf(item);
    bySubmitted.set(submitted, [...(bySubmitted.get(submitted) ?? []), item]);
  }
  const submitted = [...bySubmitted.keys()];
  for (let from = 0; from < submitted.length; from += MOST_AT_ONCE) {
    const { items: replies } = await client.proofs(submitted.slice(from, from + MOST_AT_ONCE));
    const taken = replies.flatMap(({ digest, proof }) =>
      (bySubmitted.get(digest) ?? []).map((item) => {
        if (proof === null) lose(item);
        else take(item, proof, ownProof);
        return item;
      }),
    );
    await following.onProofs(taken);
    if (replies.some(({ proof }) => proof === null)) following.onLost();
  }
}

function take(item: Hashed, served: Proof, ownProof: (owned: Hashed, served: Proof) => Proof): void {
  try {
    const proof = ownProof(item, served);
    item.proof = proof;
    if (proof.anchors.length > 0) item.stage = 'final';
  } catch (error) {
    item.stage = 'failed';
    item.fault = { kind: 'proof', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Another service answers under this address, or it lost what it had: the digest is still here, so it is stamped anew. */
function lose(item: Hashed): void {
  delete item.proof;
  delete item.closesAt;
  item.stage = 'hashed';
}

function isUnknown(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'unknown_digest';
}

/** Looks for the transaction that carries the window, once that is closed. It is news alone: a fault changes nothing. */
async function watchTransaction(items: readonly Hashed[], following: Following, signal: AbortSignal): Promise<void> {
  const closesAtMs = Math.max(...items.map(({ closesAt }) => (closesAt === undefined ? 0 : Date.parse(closesAt))));
  await pause(Math.max(0, closesAtMs - nowMs()), signal);
  while (!signal.aborted) {
    try {
      const { sent = [] } = await (await following.client()).window(windowOf(items[0]!));
      const transaction = sent[0];
      if (transaction !== undefined && transaction.transaction !== items[0]!.sent?.transaction) {
        for (const item of items) item.sent = transaction;
        following.onNews();
      }
    } catch {
      // The held request meets the same fault, and tells it.
    }
    await pause(NEWS_EVERY_MS, signal);
  }
}
