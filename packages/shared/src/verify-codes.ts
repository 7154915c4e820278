import type { ErrorCode } from './errors.js';

/** The codes of DESIGN section 4, in its order. */
export const VERIFY_CODES = [
  'malformed_proof',
  'unsupported_format',
  'digest_mismatch',
  'path_mismatch',
  'log_mismatch',
  'pending',
  'anchor_not_found',
  'anchor_mismatch',
  'not_final',
  'chain_unreachable',
] as const satisfies readonly ErrorCode[];

/** Why a proof was not accepted. The order of the list is the order of the checks. */
export type VerifyCode = (typeof VERIFY_CODES)[number];
