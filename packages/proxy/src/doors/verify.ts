import { chainReaders, ChronosError, fromHex, parseDigest, verifyProof, verifyRequestSchema } from '@chronos/shared';
import type { z } from 'zod';
import type { BodyReader } from '../http/body.js';
import { invalidRequest, overloaded } from '../http/problem.js';
import { refuseQuery } from '../http/query.js';
import type { Handler } from '../http/resource.js';

export interface VerifyOptions {
  bodies: BodyReader;
  /** The endpoints of each chain, by its name in proofs; each is asked, and all must agree. */
  endpoints: ReadonlyMap<string, readonly string[]>;
  maxBodyBytes: number;
  maxAtOnce: number;
}

/** POST /api/v1/verify. Of other chains than the configured ones no endpoint is known here, which the answer says. */
export function createVerifyHandler({ bodies, endpoints, maxBodyBytes, maxAtOnce }: VerifyOptions): Handler {
  const readers = new Map([...endpoints].map(([chain, urls]) => [chain, chainReaders(chain, urls)]));
  const readersOf = (chain: string) => readers.get(chain) ?? [];
  let running = 0;
  return async (exchange) => {
    refuseQuery(exchange.req);
    const { digest, proof } = parseRequest(await bodies.readJson(exchange, maxBodyBytes));
    exchange.spend('verifications', 1);
    if (running >= maxAtOnce) throw overloaded('too many proofs are being verified: come again in a moment');
    running++;
    try {
      const outcome = await verifyProof(fromHex(digest), proof, readersOf);
      const { ok, code, checks } = outcome;
      exchange.json(200, JSON.stringify({ ok, code, ...(outcome.ok ? {} : { message: outcome.message }), checks }));
    } finally {
      running--;
    }
  };
}

function parseRequest(body: unknown): z.infer<typeof verifyRequestSchema> {
  const result = verifyRequestSchema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!.slice(0, 40);
    throw invalidRequest(`${JSON.stringify(key)} is not known here: send digest and proof alone`, { field: key });
  }
  const [field] = issue.path;
  if (field === undefined) throw invalidRequest('the body is not an object: send {"digest": "…", "proof": {…}}');
  const value = (body as Record<PropertyKey, unknown>)[field];
  if (field === 'digest' && typeof value === 'string') parseDigest(value);
  if (field === 'digest')
    throw new ChronosError('invalid_digest', 'digest is not a string of 64 hex digits', { field });
  throw invalidRequest('proof is not an object: send the content of the proof file, as JSON', { field: 'proof' });
}
