import type { Duplex } from 'node:stream';
import { ChronosError, problemOf } from '@chronos/shared';
import type { ProxyMetrics } from '../metrics.js';
import { newRequestId } from './exchange.js';

/** Answers what is no HTTP request, or did not arrive in time: there is no response object for it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, metrics: ProxyMetrics): void {
  const fault = faultOf(error);
  if (error.code !== 'ECONNRESET') metrics.malformed(fault.code);
  // Node's own answer makes the same distinction, by the same property: half an answer is not followed by another.
  const { _httpMessage: underWay } = socket as { _httpMessage?: { headersSent: boolean } | null };
  if (!socket.writable || underWay?.headersSent === true) {
    socket.destroy();
    return;
  }
  const requestId = newRequestId();
  const problem = problemOf(fault, requestId);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\n` +
      'content-type: application/problem+json\r\ncache-control: no-store\r\naccess-control-allow-origin: *\r\n' +
      `x-request-id: ${requestId}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function faultOf({ code }: NodeJS.ErrnoException): ChronosError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ChronosError('request_timeout', 'the request did not arrive in time: send it again');
  }
  if (code === 'HPE_HEADER_OVERFLOW') return new ChronosError('request_too_large', 'the headers are too large');
  return new ChronosError('invalid_request', 'this is not well-formed HTTP');
}
