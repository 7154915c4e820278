import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createListener } from './app.js';
import { type Clock, systemClock } from './clock.js';
import type { Config } from './config.js';
import { type Context, createContext } from './context.js';
import { clientKey } from './http/client-address.js';
import { answerClientError } from './http/client-error.js';
import { HeadCount } from './http/head-count.js';
import { listen } from './listen.js';
import { createLogger, type Logger } from './logger.js';
import { startMetricsServer } from './metrics-server.js';

export interface Proxy {
  port: number;
  metricsPort: number;
  /**
   * First only says so at `/readyz`, for as long as the settings have it or until `hurry` is aborted, and ends each connection with its next answer.
   * Then takes no more connections, answers what is in flight, and resolves when the last has its answer.
   */
  close(hurry?: AbortSignal): Promise<void>;
}

/** Starts a proxy. It needs no anchord to start: until there is one it answers 503. Rejects where it cannot listen. */
export async function startProxy(
  config: Config,
  { logger = createLogger(config.logLevel), clock = systemClock }: { logger?: Logger; clock?: Clock } = {},
): Promise<Proxy> {
  const context = createContext(config, { logger, clock });
  const server = createPublicServer(config, context);
  const metricsServer = await startMetricsServer(context.service.metrics, config.metrics);
  try {
    await listen(server, { host: config.host, port: config.port, setting: 'CHRONOS_PORT' });
  } catch (error) {
    metricsServer.close();
    throw error;
  }
  const port = portOf(server);
  const metricsPort = portOf(metricsServer);
  logger.info(
    { host: config.host, port, metricsPort, anchord: config.anchordUrl, network: config.network },
    'proxy is listening',
  );
  return {
    port,
    metricsPort,
    close: async (hurry) => {
      context.service.draining = true;
      context.waits.close();
      await drain(config.drainMs, hurry);
      await closeServer(server, config.limits.finishMs);
      await closeServer(metricsServer, 0);
      context.anchord.close();
      logger.info('proxy has stopped');
    },
  };
}

function createPublicServer({ limits, connectionsPerClient }: Config, context: Context): Server {
  const { metrics, addresses } = context.service;
  const listener = createListener(context);
  const server = createServer(
    {
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.headerBytes,
    },
    listener,
  );
  server.timeout = limits.silentMs;
  server.maxConnections = limits.connections;
  server.on('drop', () => {
    metrics.refusedConnection('all');
  });
  const connectionsOf = new HeadCount();
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    if (address === undefined || connectionsPerClient === 0 || addresses.trusts(address)) return;
    const client = clientKey(address);
    if (connectionsOf.enter(client, connectionsPerClient)) {
      socket.once('close', () => {
        connectionsOf.leave(client);
      });
    } else {
      metrics.refusedConnection('client');
      socket.destroy();
    }
  });
  server.on('checkContinue', listener); // the body reader answers 100, once it wants the body
  server.on('clientError', (error, socket) => {
    answerClientError(error, socket, metrics);
  });
  return server;
}

/** Balancers ask `/readyz` now and then: until they have seen that it says no, they go on sending. */
async function drain(ms: number, hurry: AbortSignal | undefined): Promise<void> {
  if (ms === 0) return;
  await pause(ms, undefined, { ...(hurry === undefined ? {} : { signal: hurry }) }).catch((error: unknown) => {
    if (hurry?.aborted !== true) throw error;
  });
}

/** Resolves when all is answered, or after `patienceMs`. */
async function closeServer(server: Server, patienceMs: number): Promise<void> {
  const giveUp = setTimeout(() => {
    server.closeAllConnections();
  }, patienceMs);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(giveUp);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
