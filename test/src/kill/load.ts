import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ChronosClient, ChronosError } from '@chronos/shared';
import type { Ledger } from './ledger.js';
import type { Random } from './random.js';

/** What a service whose parts are killed may answer; all else is a fault. */
const EXPECTED = new Set(['service_unreachable', 'backend_unavailable', 'overloaded']);
const SINGLE_CLIENTS = 6;
const MAX_BULK = 400;
const MAX_HELD = 40;

export interface LoadOptions {
  url: string;
  ledger: Ledger;
  random: Random;
  signal: AbortSignal;
}

/** Submits digests until the signal is aborted: one by one and in bulk, new, known, twice at the same moment; and waits for some proofs. */
export async function runLoad({ url, ledger, random, signal }: LoadOptions): Promise<void> {
  const client = new ChronosClient({ baseUrl: url, timeoutMs: 15_000 });
  const held = new Set<Promise<void>>();
  let made = 0;
  const newDigest = (own: Random) => createHash('sha256').update(`${own.next()} ${made++}`).digest('hex');
  const known: string[] = [];
  /** A digest that was acknowledged, or at least sent, before. */
  const anyDigest = (own: Random) => (known.length > 0 && own.happens(0.2) ? own.pick(known) : newDigest(own));

  const attempt = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ChronosError)) throw error;
      ledger.failed(error.code);
      if (!EXPECTED.has(error.code)) ledger.fault(`${error.code}: ${error.message}`);
      return undefined;
    }
  };
  const submit = async (digests: readonly string[]): Promise<boolean> => {
    ledger.sent(digests);
    const reply = await attempt(() => client.submit(digests));
    if (reply !== undefined) ledger.answered(digests, reply.items);
    return reply !== undefined;
  };
  /** Submits, and where that failed perhaps submits the same again, as a client does. */
  const insist = async (own: Random, digests: readonly string[]) => {
    while (!(await submit(digests)) && own.happens(0.7) && !signal.aborted) await setTimeout(own.between(20, 200));
    for (const digest of digests) if (own.happens(0.05)) known.push(digest);
  };
  const hold = (digest: string) => {
    if (held.size >= MAX_HELD) return;
    const waiting = attempt(() => client.proof(digest, { waitSeconds: 5 })).then((reply) => {
      held.delete(waiting);
      if (reply?.complete === true) ledger.proven(digest, JSON.stringify(reply.proof));
    });
    held.add(waiting);
  };

  const single = async (own: Random) => {
    while (!signal.aborted) {
      const digest = anyDigest(own);
      // Twice at the same moment: both may be acknowledged, and then alike.
      await Promise.all(own.happens(0.1) ? [insist(own, [digest]), insist(own, [digest])] : [insist(own, [digest])]);
      if (ledger.acknowledged.has(digest) && own.happens(0.1)) hold(digest);
      await setTimeout(own.between(5, 60));
    }
  };
  const bulk = async (own: Random) => {
    while (!signal.aborted) {
      const digests = Array.from({ length: own.between(2, MAX_BULK) }, () => anyDigest(own));
      await insist(own, own.happens(0.2) ? [...digests, ...digests.slice(0, 5)] : digests);
      await setTimeout(own.between(300, 1_200));
    }
  };
  await Promise.all([
    ...Array.from({ length: SINGLE_CLIENTS }, (_, i) => single(random.fork(`single ${i}`))),
    bulk(random.fork('bulk')),
  ]);
  await Promise.all(held);
}
