import type { Problem } from './api.js';
import { type ChronosError, ERRORS } from './errors.js';

/**
 * An error as HTTP tells it, RFC 9457. `status` is 500 for a code that is not meant to travel. How long to wait, `retryAfterSeconds` in the
 * error's details, belongs in the header `Retry-After`.
 */
export function problemOf(error: ChronosError, requestId: string): Problem {
  const { field, index } = error.details;
  return {
    type: `urn:chronos:error:${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(field === undefined ? {} : { field }),
    ...(index === undefined ? {} : { index }),
  };
}
