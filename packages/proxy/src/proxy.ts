import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChronosError } from '@chronos/shared';
import { createListener } from './app.js';
import { type Clock, systemClock } from './clock.js';
import type { Config } from './config.js';
import { createContext } from './context.js';
import { answerClientError } from './http/client-error.js';
import { createLogger, type Logger } from './logger.js';

export interface Proxy {
  port: number;
  /** Takes no more connections, answers what is in flight, and resolves when the last has its answer. */
  close(): Promise<void>;
}

/** Starts a proxy. It needs no anchord to start: until there is one it answers 503. Rejects where it cannot listen. */
export async function startProxy(
  config: Config,
  { logger = createLogger(config.logLevel), clock = systemClock }: { logger?: Logger; clock?: Clock } = {},
): Promise<Proxy> {
  const { limits } = config;
  const context = createContext(config, { logger, clock });
  const listener = createListener(context);
  const server = createServer(
    {
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    },
    listener,
  );
  server.maxConnections = limits.connections;
  server.on('checkContinue', listener); // the body reader answers 100, once it wants the body
  server.on('clientError', answerClientError);
  await listen(server, config);
  const { port } = server.address() as AddressInfo;
  logger.info({ host: config.host, port, anchord: config.anchordUrl, network: config.network }, 'proxy is listening');

  return {
    port,
    close: async () => {
      context.service.draining = true;
      context.waits.close();
      const giveUp = setTimeout(() => {
        server.closeAllConnections();
      }, limits.drainMs);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(giveUp);
      context.anchord.close();
      logger.info('proxy has stopped');
    },
  };
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === 'EADDRINUSE' ? 'the port is taken: stop what uses it, or set CHRONOS_PORT' : message;
      reject(new ChronosError('invalid_settings', `cannot listen on ${host}:${port}: ${why}`));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}
