import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ChronosError, ERRORS, problemOf } from '@chronos/shared';
import type { Logger } from '../logger.js';

/** The id that a proxy gave the request, or `-`. */
export function requestIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const id = request.headers['x-request-id'];
  return typeof id === 'string' && /^[\w.-]{1,64}$/.test(id) ? id : '-';
}

/** No path matched. */
export const noSuchPath: RequestHandler = (request) => {
  throw new ChronosError('not_found', `there is no ${request.method} ${request.path}`);
};

/** Answers every error as problem+json (RFC 9457). What is not one of ours is a fault of the program: logged, and told without detail. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = toChronosError(error);
    const requestId = requestIdOf(request);
    if (known.code === 'internal_error') logger.error({ error, requestId }, 'a request failed');
    const { retryAfterSeconds } = known.details;
    if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
    const problem = problemOf(known, requestId);
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}

function toChronosError(error: unknown): ChronosError {
  if (error instanceof ChronosError) return ERRORS[error.code].status === 0 ? internal() : error;
  const type = (error as { type?: unknown } | undefined)?.type;
  if (type === 'entity.too.large')
    return new ChronosError('request_too_large', 'the body is larger than this path takes');
  if (type === 'entity.parse.failed') return new ChronosError('invalid_json', 'the body is not valid JSON');
  if (type === 'request.aborted' || type === 'request.size.invalid')
    return new ChronosError('invalid_request', 'the body ended early');
  return internal();
}

function internal(): ChronosError {
  return new ChronosError('internal_error', 'something failed inside; look for the request id in the log');
}
