import { ChronosError, type ErrorDetails, ERRORS } from '@chronos/shared';

/** Seconds for `Retry-After`, spread out so that those who are turned away together do not come back together. */
export function retrySoon(): number {
  return 1 + Math.floor(Math.random() * 3);
}

export function overloaded(message: string): ChronosError {
  return new ChronosError('overloaded', message, { retryAfterSeconds: retrySoon() });
}

export function backendUnavailable(message: string, cause?: unknown, retryAfterSeconds = retrySoon()): ChronosError {
  return new ChronosError('backend_unavailable', message, { retryAfterSeconds }, cause);
}

export function invalidRequest(message: string, details: ErrorDetails = {}): ChronosError {
  return new ChronosError('invalid_request', message, details);
}

/** An error as it is told to clients, RFC 9457. What is not meant for them becomes an `internal_error` that tells nothing. */
export function publicError(error: unknown): ChronosError {
  if (error instanceof ChronosError && ERRORS[error.code].status !== 0) return error;
  return new ChronosError('internal_error', 'the service failed; if it stays so, report it with the request id');
}
