/**
 * Every error that Chronos tells anybody: its code, the HTTP status it travels with (0: it never travels over HTTP), and what the code means.
 * docs/api.md holds the same table; a test keeps the two equal.
 */
export const ERRORS = {
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'A field is missing, unknown or malformed' },
  invalid_digest: { status: 400, title: 'A digest is not 64 lower-case hex digits' },
  unauthorized: { status: 401, title: 'The token is missing or wrong' },
  not_found: { status: 404, title: 'There is no such path' },
  unknown_digest: { status: 404, title: 'This digest was never submitted' },
  unknown_window: { status: 404, title: 'There is no window with this id' },
  no_anchor: { status: 404, title: 'Nothing has been anchored yet' },
  method_not_allowed: { status: 405, title: 'This path does not take this method' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  request_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not taken here' },
  unavailable_range: { status: 422, title: 'The log has no such sizes' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'The service failed; the fault is recorded under the request id' },
  backup_failed: { status: 500, title: 'The store could not be backed up' },
  overloaded: { status: 503, title: 'The service takes no more at the moment' },
  backend_unavailable: { status: 503, title: 'The collecting service cannot be reached' },

  malformed_proof: { status: 0, title: 'The proof is not a well-formed chronos-proof/1' },
  unsupported_format: {
    status: 0,
    title: 'The proof has a format, algorithm or anchor that this program does not know',
  },
  digest_mismatch: { status: 0, title: 'The proof is of another digest' },
  path_mismatch: { status: 0, title: 'The inclusion path does not lead to the window root' },
  log_mismatch: { status: 0, title: 'The log path does not lead to the log root' },
  pending: { status: 0, title: 'The proof is not complete yet' },
  anchor_not_found: { status: 0, title: 'The chain does not have the transaction' },
  anchor_mismatch: { status: 0, title: 'The transaction does not anchor what the proof says' },
  not_final: { status: 0, title: 'The block is not final yet' },
  chain_unreachable: { status: 0, title: 'The chain did not give an answer' },

  service_unreachable: { status: 0, title: 'The service did not give an answer' },
  invalid_settings: { status: 0, title: 'The settings are missing something or malformed' },
  store_unusable: { status: 0, title: 'The store cannot be used' },
  wallet_unusable: { status: 0, title: 'The wallet cannot be used' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The name of an error, as programs tell errors apart. */
export type ErrorCode = keyof typeof ERRORS;

/** What an error can say besides its message: the faulty field, the index within it, when to come again. */
export interface ErrorDetails {
  field?: string;
  index?: number;
  retryAfterSeconds?: number;
  requestId?: string;
  [key: string]: unknown;
}

/** The one error class. `message` is a sentence for people: what is wrong, where, and what to do. */
export class ChronosError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ChronosError';
    this.code = code;
    this.details = details;
  }

  /** The HTTP status of this code; 500 for a code that is not meant to travel. */
  get status(): number {
    return ERRORS[this.code].status || 500;
  }
}

/** Whether `value` is one of our error codes. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
