import { ChronosError, isoTime, proofQuerySchema } from '@chronos/shared';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { FoundProof, ProofSource } from '../forward/proof-source.js';
import type { WindowWaits } from '../forward/window-waits.js';
import type { BodyReader } from '../http/body.js';
import type { Exchange } from '../http/exchange.js';
import { DIGESTS_A_PROOF } from '../http/gate.js';
import { digestParam, readQuery, refuseQuery } from '../http/query.js';
import type { Handler } from '../http/resource.js';
import { parseProofsRequest } from './digests.js';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const LONGEST_RETRY_SECONDS = 3600;

/** What we read of a proof, which anchord made. */
const proofPartsSchema = z.looseObject({
  receivedAt: z.string(),
  window: z.looseObject({ id: z.int(), seconds: z.int() }),
});

export interface ProofHandlersOptions {
  proofs: ProofSource;
  waits: WindowWaits;
  bodies: BodyReader;
  clock: Clock;
  maxBodyBytes: number;
}

/** The routes that are answered from a digest's proof. */
export class ProofHandlers {
  constructor(private readonly options: ProofHandlersOptions) {}

  /** GET /api/v1/proofs/{digest}?wait= */
  readonly get: Handler = (exchange, params) => {
    const digest = digestParam(params);
    const { wait } = readQuery(exchange.req, proofQuerySchema);
    const cached = this.options.proofs.findCached(digest);
    if (cached === undefined) return this.lookUp(exchange, digest, wait);
    this.replyProof(exchange, cached);
  };

  /** GET /api/v1/timestamps/{digest} */
  readonly timestamp: Handler = async (exchange, params) => {
    const digest = digestParam(params);
    refuseQuery(exchange.req);
    const proof = known(await this.options.proofs.find(digest, exchange.requestId));
    const { receivedAt, window } = partsOf(proof);
    const { id, seconds } = window;
    const finalAt = { [proof.status === 'final' ? 'finalAt' : 'expectedFinalAt']: isoTime(proof.finalAtMs) };
    exchange.json(
      200,
      JSON.stringify({ digest, status: proof.status, receivedAt, window: { id, seconds }, ...finalAt }),
    );
  };

  /** POST /api/v1/proofs */
  readonly list: Handler = async (exchange) => {
    refuseQuery(exchange.req);
    const { bodies, proofs, maxBodyBytes } = this.options;
    const { hex, bytes } = parseProofsRequest(await bodies.readJson(exchange, maxBodyBytes));
    exchange.spend('digests', hex.length * DIGESTS_A_PROOF);
    const found = await proofs.findAll(hex, bytes, exchange.requestId);
    const slices = found.map(({ status, text }, i) => {
      const proof = status === 'unknown' ? 'null' : text;
      return Buffer.from(
        `${i === 0 ? '{"items":[' : ','}{"digest":"${hex[i]!}","status":"${status}","proof":${proof}}`,
        'latin1',
      );
    });
    exchange.replySlices(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }, [
      ...slices,
      Buffer.from(']}'),
    ]);
  };

  private async lookUp(exchange: Exchange, digest: string, waitSeconds: number): Promise<void> {
    const { proofs, waits } = this.options;
    let proof = known(await proofs.find(digest, exchange.requestId));
    if (waitSeconds > 0 && proof.status !== 'final') {
      const { id } = partsOf(proof).window;
      const released = await exchange.hold(() => waits.wait(id, waitSeconds * 1000, exchange));
      if (released === 'gone') return;
      if (released !== 'as-it-stands') proof = known(await proofs.find(digest, exchange.requestId));
    }
    this.replyProof(exchange, proof);
  }

  private replyProof(exchange: Exchange, { text, etag, finalAtMs }: FoundProof): void {
    if (etag === undefined) {
      exchange.reply(
        202,
        {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          'retry-after': this.secondsUntil(finalAtMs),
        },
        text,
      );
      return;
    }
    if (exchange.req.headers['if-none-match']?.includes(etag) === true) {
      exchange.reply(304, { 'cache-control': IMMUTABLE, etag }, '');
      return;
    }
    exchange.reply(200, { 'content-type': 'application/json', 'cache-control': IMMUTABLE, etag }, text);
  }

  private secondsUntil(timeMs: number): string {
    const seconds = Math.ceil((timeMs - this.options.clock.nowMs()) / 1000);
    return String(Math.min(LONGEST_RETRY_SECONDS, Math.max(1, seconds)));
  }
}

function known(proof: FoundProof): FoundProof {
  if (proof.status !== 'unknown') return proof;
  throw new ChronosError('unknown_digest', 'this digest was never submitted: submit it first', { field: 'digest' });
}

function partsOf({ text }: FoundProof) {
  return proofPartsSchema.parse(JSON.parse(Buffer.from(text, 'latin1').toString()));
}
