import { z } from 'zod';
import { ChronosError } from './errors.js';
import { countField as count, hexField as hex, timeField as time } from './fields.js';
import { BLINDING_BYTES, HASH_BYTES, SALT_BYTES } from './hash-rules.js';

/** The format's name and version, the first line of every proof. */
export const PROOF_FORMAT = 'chronos-proof/1';
/** The most elements that a path may have. */
export const MAX_PATH_ELEMENTS = 64;

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
  type: z
    .string()
    .refine((type) => type !== 'zilliqa-evm' && type !== 'zilliqa-scilla', 'has a known type with malformed fields'),
});

/** An anchor of a proof: the transaction that wrote the window's root on a chain, and the block that holds it. */
export const anchorSchema = z.discriminatedUnion('type', [evmAnchorSchema, scillaAnchorSchema]).meta({ id: 'Anchor' });

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
    anchors: z.array(z.union([anchorSchema, laterAnchorSchema])).max(16),
  })
  .refine(
    (proof) => (proof.inclusion === undefined) === (proof.log === undefined),
    'has one of inclusion and log without the other',
  )
  .refine((proof) => proof.anchors.length === 0 || proof.inclusion !== undefined, 'has anchors but no inclusion')
  .meta({ id: 'Proof', description: 'A proof file, chronos-proof/1; see docs/proof-format.md' });

export type Proof = z.infer<typeof proofSchema>;
export type Anchor = z.infer<typeof anchorSchema>;

/** Whether this program knows the kind of an anchor. */
export function isKnownAnchor(anchor: Proof['anchors'][number]): anchor is Anchor {
  return anchor.type === 'zilliqa-evm' || anchor.type === 'zilliqa-scilla';
}

/**
 * A proof from its JSON text or the value parsed from it. Throws `malformed_proof` with the path of the first fault.
 * A format or algorithm that we do not know is no fault here: the verifier tells it (`unsupported_format`).
 */
export function parseProof(input: unknown): Proof {
  const result = proofSchema.safeParse(typeof input === 'string' ? parseJson(input) : input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the proof' : issue.path.join('.');
  const note = formatNote(input);
  throw new ChronosError('malformed_proof', `${where}: ${issue?.message ?? 'is malformed'}${note}`, { field: where });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ChronosError('malformed_proof', 'the proof is not JSON', {}, cause);
  }
}

/** A hint for a file of a later format, whose fields we cannot judge. */
function formatNote(input: unknown): string {
  const format = typeof input === 'object' && input !== null && 'format' in input ? input.format : undefined;
  return typeof format === 'string' && format !== PROOF_FORMAT
    ? ` (its format is ${JSON.stringify(format.slice(0, 40))}; this program knows ${PROOF_FORMAT})`
    : '';
}

/** The text of a proof file: JSON with two spaces and a line end. `parseProof(formatProof(proof))` is the same proof. */
export function formatProof(proof: Proof): string {
  return `${JSON.stringify(proof, null, 2)}\n`;
}

/** Whether a proof is complete: it states a final anchor. (Whether that anchor holds, the chain tells.) */
export function isComplete(proof: Proof): boolean {
  return proof.anchors.length > 0;
}
