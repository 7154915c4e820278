import type { z } from 'zod';
import {
  consistencyQuerySchema,
  consistencyReplySchema,
  digestSchema,
  latestAnchorReplySchema,
  proofQuerySchema,
  proofsReplySchema,
  proofsRequestSchema,
  statusReplySchema,
  submitReplySchema,
  submitRequestSchema,
  timestampReplySchema,
  verifyReplySchema,
  verifyRequestSchema,
  windowIdSchema,
  windowReplySchema,
  windowsQuerySchema,
  windowsReplySchema,
} from './api.js';
import type { ErrorCode } from './errors.js';
import {
  consistencyReplyExample,
  digestExample,
  latestAnchorReplyExample,
  pendingProofExample,
  proofExample,
  proofsReplyExample,
  statusReplyExample,
  submitReplyExample,
  timestampReplyExample,
  verifyReplyExample,
  windowExample,
  windowsReplyExample,
} from './openapi-examples.js';
import { proofSchema } from './proof.js';

/** An answer that is not an error. */
export interface RouteReply {
  description: string;
  schema: z.ZodType;
  example: unknown;
  /** Whether the answer says in `Retry-After` when to come again. */
  retryAfter?: true;
}

/** One route of the REST API. `{name}` in `path` is a parameter, told in `params`. */
export interface Route {
  method: 'GET' | 'POST';
  path: string;
  /** A name for generated clients. */
  operationId: string;
  /** Under which heading the API's page shows it. */
  tag: 'Timestamps and proofs' | 'Windows and their log' | 'The service';
  summary: string;
  description?: string;
  params?: Record<string, { description: string; schema: z.ZodType; example: unknown }>;
  query?: { schema: z.ZodObject; descriptions: Record<string, string> };
  request?: { schema: z.ZodType; example: unknown };
  replies: Record<number, RouteReply>;
  /** The codes that the route can answer besides those that any route can. */
  errors: readonly ErrorCode[];
}

/** What any route can answer when the service is asked too much, is ill, or is asked by another method. */
export const COMMON_ERRORS = [
  'invalid_request',
  'method_not_allowed',
  'request_timeout',
  'rate_limited',
  'internal_error',
  'overloaded',
  'backend_unavailable',
] as const satisfies readonly ErrorCode[];

const BODY_ERRORS = ['invalid_json', 'invalid_digest', 'request_too_large', 'unsupported_media_type'] as const;

const digestParam = {
  description: 'What was submitted: the digest, or for a blinded one its blinded form',
  schema: digestSchema,
  example: digestExample,
};

/** The REST API, DESIGN section 7. `/openapi.json` is made from this table. */
export const ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/timestamps',
    operationId: 'submitDigests',
    tag: 'Timestamps and proofs',
    summary: 'Submit digests to be timestamped',
    description:
      'One digest, or up to 10,000. Submitting again is harmless: the first timestamp is answered, as `exists`. One bad digest refuses the request whole.',
    request: { schema: submitRequestSchema, example: { digests: [digestExample] } },
    replies: {
      202: {
        description: 'Stored for good; the receipts, in the order sent',
        schema: submitReplySchema,
        example: submitReplyExample,
        retryAfter: true,
      },
    },
    errors: BODY_ERRORS,
  },
  {
    method: 'GET',
    path: '/api/v1/timestamps/{digest}',
    operationId: 'getTimestamp',
    tag: 'Timestamps and proofs',
    summary: 'How far a digest has come',
    params: { digest: digestParam },
    replies: {
      200: { description: 'Its status', schema: timestampReplySchema, example: timestampReplyExample },
    },
    errors: ['invalid_digest', 'unknown_digest'],
  },
  {
    method: 'GET',
    path: '/api/v1/proofs/{digest}',
    operationId: 'getProof',
    tag: 'Timestamps and proofs',
    summary: 'The proof of a digest',
    params: { digest: digestParam },
    query: {
      schema: proofQuerySchema,
      descriptions: { wait: 'Hold the answer up to this many seconds, until the proof is complete' },
    },
    replies: {
      200: {
        description: 'The complete proof. It never changes: `Cache-Control: public, immutable`',
        schema: proofSchema,
        example: proofExample,
      },
      202: {
        description: 'The proof as it stands, not complete yet; ask again after `Retry-After` seconds',
        schema: proofSchema,
        example: pendingProofExample,
        retryAfter: true,
      },
    },
    errors: ['invalid_digest', 'unknown_digest'],
  },
  {
    method: 'POST',
    path: '/api/v1/proofs',
    operationId: 'getProofs',
    tag: 'Timestamps and proofs',
    summary: 'The proofs of up to 1,000 digests, as they stand',
    request: { schema: proofsRequestSchema, example: { digests: [digestExample] } },
    replies: {
      200: {
        description: 'One item a digest, in the order asked',
        schema: proofsReplySchema,
        example: proofsReplyExample,
      },
    },
    errors: BODY_ERRORS,
  },
  {
    method: 'POST',
    path: '/api/v1/verify',
    operationId: 'verifyProof',
    tag: 'Timestamps and proofs',
    summary: 'Verify a proof, here',
    description:
      'For convenience only: whoever does not want to trust this service verifies with the command line tool, the page, or by hand.',
    request: { schema: verifyRequestSchema, example: { digest: digestExample, proof: proofExample } },
    replies: {
      200: {
        description: 'The outcome, also of a proof that does not hold',
        schema: verifyReplySchema,
        example: verifyReplyExample,
      },
    },
    errors: BODY_ERRORS,
  },
  {
    method: 'GET',
    path: '/api/v1/windows',
    operationId: 'listWindows',
    tag: 'Windows and their log',
    summary: 'Windows, the newest first',
    query: {
      schema: windowsQuerySchema,
      descriptions: {
        limit: 'The most windows to list',
        before: 'List windows with a smaller id: `next` of the page before',
      },
    },
    replies: { 200: { description: 'A page of windows', schema: windowsReplySchema, example: windowsReplyExample } },
    errors: [],
  },
  {
    method: 'GET',
    path: '/api/v1/windows/{id}',
    operationId: 'getWindow',
    tag: 'Windows and their log',
    summary: 'One window',
    params: {
      id: { description: "The window's start, in Unix seconds", schema: windowIdSchema, example: windowExample.id },
    },
    replies: { 200: { description: 'The window', schema: windowReplySchema, example: windowExample } },
    errors: ['unknown_window'],
  },
  {
    method: 'GET',
    path: '/api/v1/anchors/latest',
    operationId: 'getLatestAnchor',
    tag: 'Windows and their log',
    summary: 'The last window whose anchors are final',
    replies: {
      200: {
        description: 'The window, with its anchors',
        schema: latestAnchorReplySchema,
        example: latestAnchorReplyExample,
      },
    },
    errors: ['no_anchor'],
  },
  {
    method: 'GET',
    path: '/api/v1/consistency',
    operationId: 'getConsistency',
    tag: 'Windows and their log',
    summary: 'The proof that the log of windows only grew',
    description: 'A consistency proof of RFC 9162 section 2.1.4, between two sizes of the window log.',
    query: {
      schema: consistencyQuerySchema,
      descriptions: { from: 'The smaller size, in windows', to: 'The larger size, in windows' },
    },
    replies: {
      200: { description: 'Both roots and the path', schema: consistencyReplySchema, example: consistencyReplyExample },
    },
    errors: ['unavailable_range'],
  },
  {
    method: 'GET',
    path: '/api/v1/status',
    operationId: 'getStatus',
    tag: 'The service',
    summary: 'How the service is',
    replies: { 200: { description: 'Its state', schema: statusReplySchema, example: statusReplyExample } },
    errors: [],
  },
];

/** Every code that a route can answer, those of any route included. */
export function errorsOf(route: Route): readonly ErrorCode[] {
  return [...route.errors, ...COMMON_ERRORS];
}
