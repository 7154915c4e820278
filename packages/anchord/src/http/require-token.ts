import type { RequestHandler } from 'express';
import { ChronosError } from '@chronos/shared';
import type { TokenCheck } from './tokens.js';

/** Refuses callers that the check does not let pass. */
export function requireToken(isAllowed: TokenCheck): RequestHandler {
  return (request, _response, next) => {
    if (!isAllowed(request.headers.authorization)) {
      throw new ChronosError('unauthorized', 'send the right token: Authorization: Bearer <token>');
    }
    next();
  };
}
