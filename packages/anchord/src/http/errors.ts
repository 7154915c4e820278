import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ChronosError, type ErrorCode, ERRORS, problemOf } from '@chronos/shared';
import type { Logger } from '../logger.js';

/** Who is told of errors that were answered. */
export interface Told {
  logger: Logger;
  onRefused: (code: ErrorCode) => void;
}

/** The id that a proxy gave the request, or `-`. */
export function requestIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const id = request.headers['x-request-id'];
  return typeof id === 'string' && /^[\w.-]{1,64}$/.test(id) ? id : '-';
}

/** No path matched. */
export const noSuchPath: RequestHandler = (request) => {
  throw new ChronosError('not_found', `there is no ${request.method} ${request.path}`);
};

/** What `answerProblem` does, for Express. */
export function problemHandler(told: Told): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    answerProblem(told, error, request, response);
  };
}

/** Answers every error as problem+json (RFC 9457). What is not one of ours is a fault of the program: logged, and told without detail. */
export function answerProblem(
  { logger, onRefused }: Told,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const known = toChronosError(error);
  onRefused(known.code);
  const requestId = requestIdOf(request);
  if (known.code === 'internal_error') logger.error({ err: error, requestId }, 'a request failed');
  else {
    const isOurs = known.status >= 500 || known.status === 401; // the rest is for the client to mend
    const { method, url = '' } = request;
    const path = url.split('?')[0];
    logger[isOurs ? 'warn' : 'debug'](
      { requestId, method, path, code: known.code, why: known.message },
      'a call was refused',
    );
  }
  if (response.headersSent) {
    response.destroy(); // half an answer must not pass for a whole one
    return;
  }
  const { retryAfterSeconds } = known.details;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  const problem = problemOf(known, requestId);
  const body = Buffer.from(JSON.stringify(problem));
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', 'content-length': body.length });
  response.end(body);
}

function toChronosError(error: unknown): ChronosError {
  if (error instanceof ChronosError) return ERRORS[error.code].status === 0 ? internal() : error;
  // Express's own, of a path or a body that cannot be read.
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return new ChronosError('request_too_large', 'the body is larger than this path takes');
  if (status === 400) return new ChronosError('invalid_request', 'the request is not well-formed');
  return internal();
}

function internal(): ChronosError {
  return new ChronosError('internal_error', 'something failed inside; look for the request id in the log');
}
