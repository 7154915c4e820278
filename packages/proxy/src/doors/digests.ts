import {
  ChronosError,
  HASH_BYTES,
  MAX_DIGESTS_PER_PROOF_REQUEST,
  MAX_DIGESTS_PER_SUBMISSION,
  parseDigest,
} from '@chronos/shared';
import { invalidRequest } from '../http/problem.js';

// The two requests that hold digests, checked by hand. `submitRequestSchema` and `proofsRequestSchema` of shared say the same, and a test holds
// the two together. 10,000 good digests cost zod as much as this (3 ms), bytes not included, but 10,000 bad ones cost it 45 ms, in which
// nobody else is answered.

/** Digests in hex, in the order sent, and the same in bytes, one after the other. */
export interface Digests {
  hex: readonly string[];
  bytes: Buffer;
}

/** The body of POST /api/v1/timestamps. Throws `invalid_request` or `invalid_digest`, with field and index. */
export function parseSubmission(body: unknown): Digests {
  const request = asObject(body, '{"digest": "…"} or {"digests": ["…", …]}');
  const { digest, digests } = request;
  if (digest !== undefined && digests !== undefined) {
    throw invalidRequest('digest and digests are both given: send one of them', { field: 'digests' });
  }
  refuseOtherKeys(request, ['digest', 'digests']);
  if (digests !== undefined) return parseList(digests, MAX_DIGESTS_PER_SUBMISSION);
  if (digest === undefined) {
    throw invalidRequest('digest is missing: send {"digest": "…"} or {"digests": ["…", …]}', { field: 'digest' });
  }
  return toDigests([digest]) ?? refuseFirstFault([digest], 'digest');
}

/** The body of POST /api/v1/proofs. */
export function parseProofsRequest(body: unknown): Digests {
  const request = asObject(body, '{"digests": ["…", …]}');
  refuseOtherKeys(request, ['digests']);
  return parseList(request['digests'], MAX_DIGESTS_PER_PROOF_REQUEST);
}

function asObject(body: unknown, form: string): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest(`the body is not an object: send ${form}`);
  }
  return body as Record<string, unknown>;
}

function refuseOtherKeys(request: Record<string, unknown>, known: readonly string[]): void {
  for (const key of Object.keys(request)) {
    if (known.includes(key)) continue;
    const shown = key.slice(0, 40);
    throw invalidRequest(`${JSON.stringify(shown)} is not known here: send ${known.join(' or ')} alone`, {
      field: shown,
    });
  }
}

function parseList(value: unknown, max: number): Digests {
  const field = 'digests';
  if (!Array.isArray(value)) throw invalidRequest('digests is not an array: send ["…", …]', { field });
  if (value.length === 0) throw invalidRequest('digests is empty: send at least one digest', { field });
  if (value.length > max) {
    const limit = max.toLocaleString('en');
    throw invalidRequest(`digests has ${value.length} digests: send at most ${limit} at once`, { field });
  }
  return toDigests(value) ?? refuseFirstFault(value, field);
}

/** Undefined where one of them is no digest. They are looked at all together, which is a third of the time of one after the other. */
function toDigests(values: readonly unknown[]): Digests | undefined {
  for (const value of values) {
    if (typeof value !== 'string' || value.length !== 2 * HASH_BYTES) return undefined;
  }
  const hex = values as readonly string[];
  const joined = hex.length === 1 ? hex[0]! : hex.join('');
  const bytes = Buffer.from(joined, 'hex');
  // Writing them again finds all that reading hex forgives: it stops at what is no hex digit, and takes upper case.
  return bytes.toString('hex') === joined ? { hex, bytes } : undefined;
}

function refuseFirstFault(values: readonly unknown[], field: 'digest' | 'digests'): never {
  values.forEach((value, i) => {
    const index = field === 'digests' ? i : undefined;
    if (typeof value === 'string') {
      parseDigest(value, field, index);
      return;
    }
    const place = index === undefined ? field : `${field}[${index}]`;
    throw new ChronosError('invalid_digest', `${place} is not a string: send 64 lower-case hex digits`, {
      field,
      ...(index === undefined ? {} : { index }),
    });
  });
  throw new Error('unreachable: all of them are digests');
}
