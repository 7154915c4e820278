// @ts-check
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../setup/run.mjs';
import { startChain } from './chain.mjs';
import { startChild, untilReady } from './child.mjs';
import { prepareContract } from './contract.mjs';
import { startNativeChain } from './native-chain.mjs';
import { localSecrets } from './secrets.mjs';

/**
 * The whole service on one machine, each part a process of its own, started by the entry points that production starts.
 *
 * @typedef {object} LocalService
 * @property {string} url where the public API answers
 * @property {string} rpcUrl where the first chain answers
 * @property {string} contract on the first chain
 * @property {LocalChain[]} chains in the order asked for
 * @property {string} adminUrl
 * @property {string} privateUrl of anchord, for proxies
 * @property {string} metricsUrl of anchord
 * @property {string} proxyMetricsUrl
 * @property {string} adminTokenFile
 * @property {import('./child.mjs').Child} anchord
 * @property {import('./child.mjs').Child} proxy
 * @property {() => Promise<void>} stopService stops proxy and anchord; the chains go on
 * @property {(name: 'anchord' | 'proxy') => import('./child.mjs').Child} startAgain after it has ended; does not wait until it is up
 * @property {Record<string, string>} anchordEnv for anchord's commands
 * @property {(name: 'anchord' | 'proxy') => Promise<boolean>} isUp throws, too, where it is not
 * @property {() => Promise<void>} restartAnchord starts anchord again, after it has ended
 * @property {() => Promise<void>} stop stops all, in this order
 */

/**
 * A chain that runs here, and the contract on it.
 *
 * @typedef {object} LocalChain
 * @property {ChainKind} kind
 * @property {string} rpcUrl
 * @property {string} contract
 * @property {import('./child.mjs').Child} child
 */

/** @typedef {'evm' | 'scilla'} ChainKind */

/**
 * @typedef {object} Ports
 * @property {number} public
 * @property {number} anchord
 * @property {number} admin
 * @property {number} metrics anchord's
 * @property {number} proxyMetrics
 * @property {number} chain
 * @property {number} nativeChain
 */

/**
 * The ports of DESIGN section 9, all moved by the first.
 * @param {number} first
 * @returns {Ports}
 */
export function portsFrom(first) {
  return {
    ...{ public: first, anchord: first + 1, admin: first + 2, metrics: first + 3, proxyMetrics: first + 4 },
    ...{ chain: first + 45, nativeChain: first + 46 },
  };
}

/**
 * Starts all parts. `running` is filled with them as they come, so that the caller can stop what runs (the last first) at any moment.
 *
 * @param {{ dataDir: string, ports: Ports, windowSeconds: number, chains?: ChainKind[], settings?: Record<string, string>, log: (line: string) => void, running?: import('./child.mjs').Child[] }} options
 * @returns {Promise<LocalService>}
 */
export async function startLocalService({
  dataDir: folder,
  ports,
  windowSeconds,
  chains: kinds = ['evm'],
  settings = {},
  log,
  running = [],
}) {
  const dataDir = resolve(folder);
  const stop = async () => {
    for (const child of running.splice(0).reverse()) await child.stop();
  };
  try {
    log(`Starting the local ${kinds.length > 1 ? 'chains' : 'chain'} …`);
    /** @type {(Omit<LocalChain, 'contract'>)[]} */
    const started = [];
    for (const kind of kinds) {
      const start = kind === 'evm' ? startChain : startNativeChain;
      const port = kind === 'evm' ? ports.chain : ports.nativeChain;
      started.push({ kind, ...(await start({ dataDir, port, running })) });
    }

    const { walletFile, privateTokenFile, adminTokenFile } = localSecrets(dataDir);
    const isTls = 'CHRONOS_PRIVATE_TLS_CERT_FILE' in settings; // then the private API talks to proxies alone
    /** @type {Record<string, string>} */
    const env = {
      CHRONOS_NETWORK: 'local',
      // One client here, which may be a load or a test: it is not limited, and nothing has to see that the proxy is going.
      CHRONOS_CLIENT_REQUESTS_PER_MINUTE: '0',
      CHRONOS_CLIENT_DIGESTS_PER_MINUTE: '0',
      CHRONOS_CLIENT_VERIFICATIONS_PER_MINUTE: '0',
      CHRONOS_CLIENT_CONNECTIONS: '0',
      CHRONOS_DRAIN_SECONDS: '0',
      ...settings,
      CHRONOS_CHAINS: kinds.join(','),
      CHRONOS_DATA_DIR: join(dataDir, 'anchord'),
      CHRONOS_WALLET_FILE: walletFile,
      CHRONOS_PRIVATE_TOKEN_FILE: privateTokenFile,
      CHRONOS_ADMIN_TOKEN_FILE: adminTokenFile,
      CHRONOS_WINDOW_SECONDS: String(windowSeconds),
      CHRONOS_ANCHORD_PORT: String(ports.anchord),
      CHRONOS_ADMIN_PORT: String(ports.admin),
      CHRONOS_ANCHORD_URL: `${isTls ? 'https' : 'http'}://127.0.0.1:${ports.anchord}`,
      CHRONOS_PORT: String(ports.public),
      CHRONOS_PUBLIC_URL: `http://127.0.0.1:${ports.public}`,
    };
    for (const { kind, rpcUrl } of started) env[`CHRONOS_${kind.toUpperCase()}_RPC_URLS`] = rpcUrl;
    /** @type {LocalChain[]} */
    const chains = [];
    for (const chain of started) {
      const contract = await prepareContract(chain.kind, { dataDir, rpcUrl: chain.rpcUrl, env, log });
      env[`CHRONOS_${chain.kind.toUpperCase()}_CONTRACT`] = contract;
      chains.push({ ...chain, contract });
    }
    const [{ rpcUrl, contract }] = /** @type {[LocalChain]} */ (chains);

    log('Starting anchord and the proxy …');
    const url = `http://127.0.0.1:${ports.public}`;
    const programs = {
      anchord: {
        path: ['anchord', 'bin', 'anchord.js'],
        readyUrl: isTls ? `http://127.0.0.1:${ports.metrics}/metrics` : `http://127.0.0.1:${ports.anchord}/readyz`,
        env: { ...env, CHRONOS_METRICS_PORT: String(ports.metrics) },
      },
      proxy: {
        path: ['proxy', 'bin', 'chronos-proxy.js'],
        readyUrl: `${url}/readyz`,
        env: { ...env, CHRONOS_METRICS_PORT: String(ports.proxyMetrics) },
      },
    };
    /** @typedef {keyof typeof programs} Program */
    const logOf = (/** @type {Program} */ name) => join(dataDir, 'logs', `${name}.log`);
    const startProgram = (/** @type {Program} */ name) => {
      const command = { command: process.execPath, args: [join(root, 'packages', ...programs[name].path)] };
      const child = startChild({ name, ...command, env: programs[name].env, logFile: logOf(name) });
      running.push(child);
      return child;
    };
    // anchord refuses, and logs, whoever asks without the token.
    const headers = { authorization: `Bearer ${readFileSync(privateTokenFile, 'utf8').trim()}` };
    const isUp = async (/** @type {Program} */ name) =>
      (await fetch(programs[name].readyUrl, { headers, signal: AbortSignal.timeout(2_000) })).status < 500;
    const untilUp = (/** @type {import('./child.mjs').Child} */ child, /** @type {Program} */ name) =>
      untilReady(child, logOf(name), () => isUp(name));
    const anchord = startProgram('anchord');
    const proxy = startProgram('proxy');
    await untilUp(anchord, 'anchord');
    await untilUp(proxy, 'proxy');
    return {
      ...{ url, rpcUrl, contract, chains, adminTokenFile, stop },
      privateUrl: String(env['CHRONOS_ANCHORD_URL']),
      adminUrl: `http://127.0.0.1:${ports.admin}`,
      metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
      proxyMetricsUrl: `http://127.0.0.1:${ports.proxyMetrics}/metrics`,
      ...{ anchord, proxy, isUp, startAgain: startProgram, anchordEnv: env },
      restartAnchord: async () => {
        await untilUp(startProgram('anchord'), 'anchord');
        await untilUp(proxy, 'proxy');
      },
      stopService: async () => {
        for (const child of running.splice(chains.length).reverse()) await child.stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
