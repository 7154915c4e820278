import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ChronosError } from '@chronos/shared';

/** Of one port. Proxies need a few dozen each. */
const MAX_CONNECTIONS = 4096;
/** What was asked before a stop is answered within this time. */
const LAST_ANSWERS_MS = 2_000;

/** In PEM. Both sides show a certificate, and each has to be of this authority. */
export interface MutualTls {
  cert: string;
  key: string;
  ca: string;
}

/** Resolves when the listener answers; rejects with `invalid_settings`, naming the setting, where it cannot. */
export function listen(
  listener: RequestListener,
  { host, port, tls }: { host: string; port: number; tls?: MutualTls },
  setting: string,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const options = { keepAliveTimeout: 65_000, requestTimeout: 30_000 };
    const server =
      tls === undefined
        ? createServer(options, listener)
        : createTlsServer(
            { ...options, ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
            listener,
          );
    server.maxConnections = MAX_CONNECTIONS;
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? `port ${port} is taken` : error.message;
      reject(new ChronosError('invalid_settings', `${setting}: cannot listen on ${host}:${port}: ${why}`));
    });
    server.listen(port, host, () => {
      resolve(server);
    });
  });
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Answers what was asked already, then closes. Who is not done with asking in time is cut off: nothing of it was accepted. */
export function closeServer(server: Server): Promise<void> {
  // A connection that is kept alive would go on asking.
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, 20);
  const last = setTimeout(() => {
    server.closeAllConnections();
  }, LAST_ANSWERS_MS);
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(idle);
      clearTimeout(last);
      resolve();
    });
  });
}
