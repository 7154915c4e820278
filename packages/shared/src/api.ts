import { z } from 'zod';
import { isHex } from './bytes.js';
import { digestFault } from './digest.js';
import { countField as count, hexField as hex, queryInteger, timeField as time } from './fields.js';
import { HASH_BYTES, SALT_BYTES } from './hash-rules.js';
import { anchorSchema, proofSchema } from './proof.js';
import { VERIFY_CODES } from './verify-codes.js';

// Every request and reply of the REST API (DESIGN section 7). `/openapi.json` is made from these schemas. Requests refuse unknown keys;
// replies may gain some.

/** The most digests of one submission. */
export const MAX_DIGESTS_PER_SUBMISSION = 10_000;
/** The most digests of one request for proofs. */
export const MAX_DIGESTS_PER_PROOF_REQUEST = 1_000;
/** The longest `?wait=`, in seconds. */
export const MAX_WAIT_SECONDS = 60;

/** A digest in a request: its message says what is wrong with it. */
export const digestSchema = z
  .string()
  .refine((value) => isHex(value, HASH_BYTES), { error: (issue) => digestFault(String(issue.input)) })
  .meta({ id: 'Digest', description: 'SHA-256, 64 lower-case hex digits', pattern: '^[0-9a-f]{64}$' });

const digests = (max: number) =>
  z
    .array(digestSchema)
    .min(1, 'is empty: send at least one digest')
    .max(max, {
      error: (issue) =>
        `has ${(issue.input as unknown[]).length} digests: send at most ${max.toLocaleString('en')} at once`,
    });

/** POST /api/v1/timestamps */
export const submitRequestSchema = z.union([
  z.strictObject({ digest: digestSchema }),
  z.strictObject({ digests: digests(MAX_DIGESTS_PER_SUBMISSION) }),
]);

const windowSchema = z.looseObject({ id: count, seconds: z.int().positive() });

/** What submitting a digest answers. `proofUrl` is a URL reference: a path, or absolute where the service knows its own address. */
export const submissionReceiptSchema = z
  .looseObject({
    digest: hex(HASH_BYTES),
    status: z.enum(['accepted', 'exists']),
    salt: hex(SALT_BYTES),
    receivedAt: time,
    window: windowSchema.extend({ closesAt: time }),
    proofUrl: z.string(),
  })
  .meta({ id: 'Receipt' });

/** POST /api/v1/timestamps: the receipts in the order sent. */
export const submitReplySchema = z.looseObject({ items: z.array(submissionReceiptSchema) });

/** The statuses of a digest, in the order that it passes through them. */
export const DIGEST_STATUSES = ['collecting', 'anchoring', 'final'] as const;
/** A digest as the public sees it. */
export type DigestStatus = (typeof DIGEST_STATUSES)[number];

/** GET /api/v1/timestamps/{digest} */
export const timestampReplySchema = z
  .looseObject({
    digest: hex(HASH_BYTES),
    status: z.enum(DIGEST_STATUSES),
    receivedAt: time,
    window: windowSchema,
    expectedFinalAt: time.optional(),
    finalAt: time.optional(),
  })
  .meta({ id: 'Timestamp' });

/** GET /api/v1/proofs/{digest}?wait= : how long, in seconds, to hold the answer back until the proof is complete. */
export const proofQuerySchema = z.strictObject({ wait: queryInteger(0, MAX_WAIT_SECONDS).default(0) });

/** POST /api/v1/proofs */
export const proofsRequestSchema = z.strictObject({ digests: digests(MAX_DIGESTS_PER_PROOF_REQUEST) });

/** POST /api/v1/proofs: in the order asked; an `unknown` digest has no proof. */
export const proofsReplySchema = z.looseObject({
  items: z.array(
    z.looseObject({
      digest: hex(HASH_BYTES),
      status: z.enum([...DIGEST_STATUSES, 'unknown']),
      proof: proofSchema.nullable(),
    }),
  ),
});

/** POST /api/v1/verify. The proof is taken as it comes: its faults are the answer, not an error. */
export const verifyRequestSchema = z.strictObject({ digest: digestSchema, proof: z.looseObject({}) });

/** POST /api/v1/verify: the outcome, and the checks up to the one that failed. */
export const verifyReplySchema = z.looseObject({
  ok: z.boolean(),
  code: z.enum(['ok', ...VERIFY_CODES]),
  message: z.string().optional(),
  checks: z.array(z.looseObject({ name: z.string(), ok: z.boolean(), detail: z.string() })),
});

/** The state of a window. */
export const WINDOW_STATES = ['open', 'closed', 'final'] as const;

/** A transaction that was sent to anchor a window and is not final yet; it may be replaced by a dearer one. */
const sentSchema = z.looseObject({
  chain: z.string(),
  transaction: z.string(),
  state: z.enum(['broadcast', 'included']),
});

/**
 * GET /api/v1/windows/{id}. Root and log are there once it is closed, `finalAt` and anchors once it is final, and `sent` in between, of a
 * window asked for by its id.
 */
export const windowReplySchema = z
  .looseObject({
    id: count,
    seconds: z.int().positive(),
    status: z.enum(WINDOW_STATES),
    opensAt: time,
    closesAt: time,
    treeSize: count,
    root: hex(HASH_BYTES).optional(),
    logIndex: count.optional(),
    logRoot: hex(HASH_BYTES).optional(),
    /** By the service's own clock. */
    closedAt: time.optional(),
    /** The root that dcrtime makes of the same digests: it is among the window's leaves. */
    dcrtimeRoot: hex(HASH_BYTES).optional(),
    finalAt: time.optional(),
    sent: z.array(sentSchema).optional(),
    anchors: z.array(anchorSchema),
  })
  .meta({ id: 'Window' });

/** The `{id}` of GET /api/v1/windows/{id}. */
export const windowIdSchema = queryInteger(0);

/** GET /api/v1/windows?limit=&before= */
export const windowsQuerySchema = z.strictObject({
  limit: queryInteger(1, 100).default(20),
  before: queryInteger(0).optional(),
});
/** GET /api/v1/windows: `next` is the `before` of the next page, null on the last. */
export const windowsReplySchema = z.looseObject({ items: z.array(windowReplySchema), next: count.nullable() });

/** GET /api/v1/anchors/latest */
export const latestAnchorReplySchema = z.looseObject({ window: windowReplySchema });

/** GET /api/v1/consistency?from=&to= */
export const consistencyQuerySchema = z.strictObject({
  from: queryInteger(1),
  to: queryInteger(1),
});
/** GET /api/v1/consistency: the roots at both sizes of the log, and the path between them. */
export const consistencyReplySchema = z.looseObject({
  from: z.looseObject({ size: z.int().positive(), root: hex(HASH_BYTES) }),
  to: z.looseObject({ size: z.int().positive(), root: hex(HASH_BYTES) }),
  path: z.array(hex(HASH_BYTES)),
});

/** GET /api/v1/status */
export const statusReplySchema = z.looseObject({
  version: z.string(),
  now: time,
  window: windowSchema.extend({ closesAt: time, secondsLeft: z.number().nonnegative(), digests: count }),
  /** How long the oldest closed window that is not final has waited; 0 where there is none. */
  anchoringLagSeconds: z.number().nonnegative(),
  totals: z.looseObject({ digests: count, windows: count }),
  lastFinal: z.looseObject({ window: count, finalAt: time, anchors: z.array(anchorSchema) }).nullable(),
  chains: z.array(
    z.looseObject({
      type: z.enum(['zilliqa-evm', 'zilliqa-scilla']),
      chain: z.string(),
      contract: z.string(),
      state: z.enum(['ok', 'waiting', 'unreachable', 'stopped']),
      detail: z.string().optional(),
    }),
  ),
});

/** An error, RFC 9457. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    field: z.string().optional(),
    index: count.optional(),
  })
  .meta({ id: 'Problem' });

// The replies as TypeScript sees them.
export type SubmitReply = z.infer<typeof submitReplySchema>;
export type Receipt = z.infer<typeof submissionReceiptSchema>;
export type TimestampReply = z.infer<typeof timestampReplySchema>;
export type ProofsReply = z.infer<typeof proofsReplySchema>;
export type VerifyReply = z.infer<typeof verifyReplySchema>;
export type WindowReply = z.infer<typeof windowReplySchema>;
export type WindowsReply = z.infer<typeof windowsReplySchema>;
export type LatestAnchorReply = z.infer<typeof latestAnchorReplySchema>;
export type ConsistencyReply = z.infer<typeof consistencyReplySchema>;
export type StatusReply = z.infer<typeof statusReplySchema>;
export type Problem = z.infer<typeof problemSchema>;
