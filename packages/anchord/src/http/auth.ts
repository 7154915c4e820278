import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { ChronosError } from '@chronos/shared';

/** Lets only callers with `Authorization: Bearer <token>` pass. Hashes are compared, in constant time: neither length nor content leaks. */
export function requireToken(token: string): RequestHandler {
  const expected = sha256(`Bearer ${token}`);
  return (request, _response, next) => {
    if (!timingSafeEqual(sha256(request.headers.authorization ?? ''), expected)) {
      throw new ChronosError('unauthorized', 'send the right token: Authorization: Bearer <token>');
    }
    next();
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
