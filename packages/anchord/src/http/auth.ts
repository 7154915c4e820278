import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { ChronosError } from '@chronos/shared';

/** Whether an `Authorization` header is the one wanted. */
export type TokenCheck = (authorization: string | undefined) => boolean;

/** Lets `Bearer <token>` alone pass. Hashes are compared, in constant time: neither length nor content leaks. */
export function tokenCheck(token: string): TokenCheck {
  const expected = sha256(`Bearer ${token}`);
  return (authorization) => timingSafeEqual(sha256(authorization ?? ''), expected);
}

/** Refuses callers that the check does not let pass. */
export function requireToken(isAllowed: TokenCheck): RequestHandler {
  return (request, _response, next) => {
    if (!isAllowed(request.headers.authorization)) {
      throw new ChronosError('unauthorized', 'send the right token: Authorization: Bearer <token>');
    }
    next();
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
