import { z } from 'zod';
import { ChronosError } from './errors.js';
import { firstFault } from './fault.js';
import { countField as count, hexField as hex, timeField as time } from './fields.js';
import { BLINDING_BYTES, HASH_BYTES, SALT_BYTES } from './hash-rules.js';

/** The format's name and version, the first line of every proof. */
export const PROOF_FORMAT = 'chronos-proof/1';
/** The most elements that a path may have. */
export const MAX_PATH_ELEMENTS = 64;
/** The most anchors that a proof may have. */
export const MAX_ANCHORS = 16;
/** The longest text that is read as a proof, in characters; a proof of ours has less than 20,000. */
const MAX_PROOF_LENGTH = 2 ** 20;
/** How deep a proof may be nested, so that whoever writes it again does not run out of stack; ours go to 5. */
const MAX_PROOF_DEPTH = 64;

const path = z.array(hex(HASH_BYTES)).max(MAX_PATH_ELEMENTS);

const blockSchema = z.looseObject({ number: count, hash: z.string(), time });
const evmHash = z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hex digits');
const nativeHash = z.string().regex(/^(0x)?[0-9a-fA-F]{64}$/, 'must be 64 hex digits');

const evmAnchorSchema = z.looseObject({
  type: z.literal('zilliqa-evm'),
  chain: z.string().regex(/^eip155:[1-9][0-9]{0,15}$/, 'must be eip155: and a chain id'),
  contract: z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits'),
  transaction: evmHash,
  block: blockSchema.extend({ hash: evmHash }),
});

const scillaAnchorSchema = z.looseObject({
  type: z.literal('zilliqa-scilla'),
  chain: z.string().regex(/^zilliqa:[1-9][0-9]{0,15}$/, 'must be zilliqa: and a chain id'),
  contract: z.string().regex(/^((0x)?[0-9a-fA-F]{40}|zil1[02-9ac-hj-np-z]{38})$/, 'must be a Zilliqa address'),
  transaction: nativeHash,
  block: blockSchema.extend({ hash: nativeHash }),
});

// A kind of anchor that came after this program: well-formed as far as can be told, and refused as unsupported.
const laterAnchorSchema = z.looseObject({
  type: z.string().refine((type) => type !== 'zilliqa-evm' && type !== 'zilliqa-scilla', {
    error: 'has a known type with malformed fields',
    abort: true, // so that the union tells the known type's own fault
  }),
});

/** An anchor of a proof: the transaction that wrote the window's root on a chain, and the block that holds it. */
export const anchorSchema = z
  .discriminatedUnion('type', [evmAnchorSchema, scillaAnchorSchema], 'must be a kind of anchor')
  .meta({ id: 'Anchor' });

/** The proof file, DESIGN section 4. Unknown keys are kept. */
export const proofSchema = z
  .looseObject({
    format: z.string(),
    digest: z.looseObject({ algorithm: z.string(), value: hex(HASH_BYTES) }),
    blinding: hex(BLINDING_BYTES).optional(),
    salt: hex(SALT_BYTES),
    receivedAt: time,
    window: z.looseObject({ id: count, seconds: z.int().positive() }),
    inclusion: z.looseObject({ leafIndex: count, treeSize: count, path, root: hex(HASH_BYTES) }).optional(),
    log: z.looseObject({ index: count, treeSize: count, path, root: hex(HASH_BYTES) }).optional(),
    anchors: z.array(z.union([anchorSchema, laterAnchorSchema])).max(MAX_ANCHORS),
  })
  .refine(
    (proof) => (proof.inclusion === undefined) === (proof.log === undefined),
    'has one of inclusion and log without the other',
  )
  .refine((proof) => proof.anchors.length === 0 || proof.inclusion !== undefined, 'has anchors but no inclusion')
  .meta({ id: 'Proof', description: 'A proof file, chronos-proof/1; see docs/proof-format.md' });

/** A proof that {@link parseProof} took. */
export type Proof = z.infer<typeof proofSchema>;
/** An anchor of a kind that this program knows. */
export type Anchor = z.infer<typeof anchorSchema>;

/**
 * A proof from its JSON text or the value parsed from it. Throws `malformed_proof`, which names the first fault and its place.
 * A format or algorithm that we do not know is no fault here: the verifier tells it (`unsupported_format`).
 */
export function parseProof(input: unknown): Proof {
  const value = typeof input === 'string' ? parseJson(input) : input;
  if (isDeeperThan(MAX_PROOF_DEPTH, value)) {
    throw new ChronosError('malformed_proof', `the proof is nested deeper than ${MAX_PROOF_DEPTH} levels`);
  }
  const result = proofSchema.safeParse(value);
  if (result.success) return result.data;
  const { field, message } = firstFault(result.error);
  const where = field === '' ? 'the proof' : field;
  throw new ChronosError('malformed_proof', `${where}: ${message}${formatNote(value)}`, { field: where });
}

function parseJson(text: string): unknown {
  if (text.length > MAX_PROOF_LENGTH) {
    throw new ChronosError(
      'malformed_proof',
      'the file is too large for a proof: it has more than a million characters',
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ChronosError('malformed_proof', 'the proof is not JSON', {}, cause);
  }
}

/** Asked level by level: a recursion would end where an attacker's nesting goes deeper than the stack. */
function isDeeperThan(levels: number, value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/** A hint for a file of a later format, whose fields we cannot judge. */
function formatNote(value: unknown): string {
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  return typeof format === 'string' && format !== PROOF_FORMAT
    ? ` (its format is ${JSON.stringify(format.slice(0, 40))}; this program knows ${PROOF_FORMAT})`
    : '';
}
