import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChronosError } from '@chronos/shared';
import { openChains } from './chain/open-chains.js';
import { type Clock, systemClock } from './clock.js';
import { type Config, walletFilesOf } from './config.js';
import { createContext } from './context.js';
import { createAdminApi } from './http/admin-api.js';
import { createMetricsApi } from './http/metrics-api.js';
import { createPrivateApi } from './http/private-api.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics/metrics.js';
import { countingObservers } from './metrics/observers.js';
import { readState } from './metrics/state.js';
import { VERSION } from './version.js';

/** What was asked before a stop is answered within this time. */
const LAST_ANSWERS_MS = 2_000;

export interface Anchord {
  /** The ports that the private and the admin API and the metrics listen on. */
  privatePort: number;
  adminPort: number;
  metricsPort: number;
  close(): Promise<void>;
}

/** Runs the daemon until it is closed. `onFailure` is called when it cannot go on by itself. */
export async function startAnchord(
  config: Config,
  { clock = systemClock, onFailure }: { clock?: Clock; onFailure: (error: Error) => void },
): Promise<Anchord> {
  const logger = createLogger(config.logLevel);
  const { network, evm, scilla, optionalChains = [] } = config;
  const metrics = createMetrics(VERSION);
  const observers = countingObservers(metrics);
  const opened = await openChains(
    {
      ...(evm === undefined ? {} : { evm: { ...evm, chain: network.evmChain, wallet: walletFilesOf(config) } }),
      ...(scilla === undefined ? {} : { scilla: { ...scilla, wallet: walletFilesOf(scilla) } }),
    },
    observers.onCall,
  );
  const chains = Object.values(opened);
  for (const { chain, contract, account } of chains) logger.info({ chain, contract, account }, 'wallet opened');
  const isLocal = config.network.name === 'local';
  const context = await createContext({
    ...{ clock, logger, observers, version: VERSION, chains },
    onFailure: (error) => {
      logger.fatal({ err: error }, 'anchord cannot go on');
      onFailure(error);
    },
    optionalChains: optionalChains.flatMap((kind) => opened[kind]?.chain ?? []),
    ...{ dataDir: config.dataDir, windowSeconds: config.windowSeconds, maxWindowDigests: config.maxWindowDigests },
    reserveBytes: config.reserveBytes,
    // A public node limits calls; a local one does not, and makes a block a second.
    anchorTiming: { pollMs: isLocal ? 500 : 2_000 },
  });
  const { collector, proofs, views, finalWatch, anchors, anchorers, storeWatch } = context;
  const { dataDir, privateApi, adminApi, metricsApi } = config;
  const servers: Server[] = [];
  try {
    const privateServer = await listen(
      createPrivateApi({ token: privateApi.token, collector, proofs, views, finalWatch, logger, observers }),
      privateApi,
      'CHRONOS_ANCHORD_PORT',
    );
    servers.push(privateServer);
    const adminServer = await listen(
      createAdminApi({ token: adminApi.token, collector, views, chains: anchorers, storeWatch, logger, observers }),
      adminApi,
      'CHRONOS_ADMIN_PORT',
    );
    servers.push(adminServer);
    const sources = { dataDir, views, collector, anchors, chains: anchorers };
    const metricsServer = await listen(
      createMetricsApi({ registry: metrics.registry, readState: () => readState(metrics, sources), logger }),
      metricsApi,
      'CHRONOS_METRICS_PORT',
    );
    servers.push(metricsServer);
    for (const { anchorer } of anchorers) anchorer.start();
    logger.info(
      {
        ...{ private: portOf(privateServer), admin: portOf(adminServer), metrics: portOf(metricsServer) },
        chains: chains.map(({ chain }) => chain),
      },
      'anchord is up',
    );
    return {
      privatePort: portOf(privateServer),
      adminPort: portOf(adminServer),
      metricsPort: portOf(metricsServer),
      close: async () => {
        logger.info('anchord is stopping');
        finalWatch.close();
        await Promise.all(servers.map(closeServer));
        await context.close();
        logger.info('anchord has stopped');
      },
    };
  } catch (error) {
    await Promise.all(servers.map(closeServer));
    await context.close();
    throw error;
  }
}

function listen(
  listener: RequestListener,
  { host, port }: { host: string; port: number },
  setting: string,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 30_000 }, listener);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? `port ${port} is taken` : error.message;
      reject(new ChronosError('invalid_settings', `${setting}: cannot listen on ${host}:${port}: ${why}`));
    });
    server.listen(port, host, () => {
      resolve(server);
    });
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Answers what was asked already, then closes. Who is not done with asking in time is cut off: nothing of it was accepted. */
function closeServer(server: Server): Promise<void> {
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
