import type { Server } from 'node:http';
import { openChains } from './chain/open-chains.js';
import { type Clock, systemClock } from './clock.js';
import { type Config, walletFilesOf } from './config.js';
import { createContext } from './context.js';
import { createAdminApi } from './http/admin-api.js';
import { closeServer, listen, portOf } from './http/listen.js';
import { createMetricsApi } from './http/metrics-api.js';
import { createPrivateApi } from './http/private-api.js';
import { Tokens } from './http/tokens.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics/metrics.js';
import { countingObservers } from './metrics/observers.js';
import { readState } from './metrics/state.js';
import { storeFileIn } from './store/store.js';
import { backupStore } from './upkeep/backup.js';
import { VERSION } from './version.js';

export interface Anchord {
  /** The ports that the private and the admin API and the metrics listen on. */
  privatePort: number;
  adminPort: number;
  metricsPort: number;
  /** Takes what the token files hold now. */
  reloadTokens(): void;
  close(): Promise<void>;
}

/** Runs the daemon until it is closed. `onFailure` is called when it cannot go on by itself. */
export async function startAnchord(
  config: Config,
  { clock = systemClock, onFailure }: { clock?: Clock; onFailure: (error: Error) => void },
): Promise<Anchord> {
  const logger = createLogger(config.logLevel);
  const { network, evm, scilla, optionalChains = [], dataDir, privateApi, adminApi, metricsApi } = config;
  const tokens = { private: new Tokens(privateApi.tokenFile), admin: new Tokens(adminApi.tokenFile) };
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
    ...{ dataDir, windowSeconds: config.windowSeconds, maxWindowDigests: config.maxWindowDigests },
    reserveBytes: config.reserveBytes,
    // A public node limits calls; a local one does not, and makes a block a second.
    anchorTiming: { pollMs: isLocal ? 500 : 2_000 },
  });
  const { collector, proofs, views, finalWatch, anchors, anchorers, storeWatch } = context;
  const stopping = new AbortController();
  const backup = ({ file, replace }: { file: string; replace: boolean }) =>
    backupStore({
      ...{ storeFile: storeFileIn(dataDir), target: file, force: replace, clock, signal: stopping.signal },
    });
  const servers: Server[] = [];
  try {
    const privateServer = await listen(
      createPrivateApi({
        isAllowed: tokens.private.isAllowed,
        collector,
        proofs,
        views,
        finalWatch,
        logger,
        observers,
      }),
      privateApi,
      'CHRONOS_ANCHORD_PORT',
    );
    servers.push(privateServer);
    const adminServer = await listen(
      createAdminApi({ tokens, collector, views, chains: anchorers, storeWatch, backup, logger, observers }),
      adminApi,
      'CHRONOS_ADMIN_PORT',
    );
    servers.push(adminServer);
    const sources = { dataDir, views, collector, anchors, storeWatch, chains: anchorers };
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
      reloadTokens: () => {
        try {
          tokens.private.reload();
          tokens.admin.reload();
          logger.info('the token files were read again');
        } catch (error) {
          logger.error({ err: error }, 'a token file cannot be used: its tokens are those of before');
        }
      },
      close: async () => {
        logger.info('anchord is stopping');
        finalWatch.close();
        stopping.abort();
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
