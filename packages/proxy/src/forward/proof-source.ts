import { createHash } from 'node:crypto';
import { HASH_BYTES, type ProofItem } from '@chronos/shared';
import { LRUCache } from 'lru-cache';
import type { ProxyMetrics } from '../metrics.js';
import type { Coalescer } from './coalescer.js';

/** A proof as anchord gave it. */
export interface FoundProof {
  status: ProofItem['status'];
  /** When it was final, or is expected to be. Unix ms. */
  finalAtMs: number;
  /** The bytes of the proof's JSON, handed on as they came, as a latin1 string: one write with the headers. Empty when unknown. */
  text: string;
  /** Of final proofs, which never change. */
  etag?: string;
}

/** What an entry of the cache takes besides its text. */
const ENTRY_OVERHEAD_BYTES = 300;

/** Proofs by digest: the final ones from memory, all others from anchord each time. */
export class ProofSource {
  private readonly cache: LRUCache<string, FoundProof>;

  constructor(
    private readonly lookUps: Coalescer<ProofItem[]>,
    cacheBytes: number,
    private readonly metrics: Pick<ProxyMetrics, 'found'>,
  ) {
    this.cache = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: ({ text }) => text.length + ENTRY_OVERHEAD_BYTES,
    });
  }

  /** The final proof of a digest (hex), if it is in memory. */
  findCached(digest: string): FoundProof | undefined {
    const cached = this.cache.get(digest);
    if (cached !== undefined) this.metrics.found('cache', 1);
    return cached;
  }

  async find(digest: string, requestId: string): Promise<FoundProof> {
    const cached = this.findCached(digest);
    if (cached !== undefined) return cached;
    const items = await this.lookUps.add(Buffer.from(digest, 'hex'), requestId);
    this.metrics.found('anchord', 1);
    return this.take(digest, items[0]!);
  }

  /** The proofs of digests, given in hex and in bytes, in the same order. */
  async findAll(digests: readonly string[], bytes: Buffer, requestId: string): Promise<FoundProof[]> {
    const found = digests.map((digest) => this.cache.get(digest));
    const missing = digests.flatMap((_, i) => (found[i] === undefined ? [i] : []));
    if (missing.length < digests.length) this.metrics.found('cache', digests.length - missing.length);
    if (missing.length > 0) {
      const wanted = missing.map((i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
      const items = await this.lookUps.add(Buffer.concat(wanted), requestId);
      this.metrics.found('anchord', missing.length);
      missing.forEach((i, at) => {
        found[i] = this.take(digests[i]!, items[at]!);
      });
    }
    return found as FoundProof[];
  }

  /** Memory that the cache takes. */
  get bytes(): number {
    return this.cache.calculatedSize;
  }

  private take(digest: string, { status, finalAtMs, json }: ProofItem): FoundProof {
    const text = Buffer.from(json.buffer, json.byteOffset, json.length).toString('latin1');
    if (status !== 'final') return { status, finalAtMs, text };
    const etag = `"${createHash('sha256').update(json).digest('hex').slice(0, 32)}"`;
    const found = { status, finalAtMs, text, etag };
    this.cache.set(digest, found);
    return found;
  }
}
