import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

// The pages' policies differ, and are set by them. Whether there is TLS at all is known by who ends it: HAProxy sets Strict-Transport-Security.
const setHeaders = helmet({ contentSecurityPolicy: false, strictTransportSecurity: false });

/** The headers of what a person looks at, for a page with this Content-Security-Policy. The API does without: it is no document. */
export function pageHeaders(policy: string): Readonly<OutgoingHttpHeaders> {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  let fault: unknown;
  setHeaders(response.req, response, (error) => {
    fault = error;
  });
  if (fault !== undefined) throw new Error('helmet set no headers', { cause: fault });
  return {
    ...response.getHeaders(),
    'content-security-policy': policy,
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
}
