// @ts-check
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../bench/bench-service.mjs';
import { startChild, untilReady } from '../local/child.mjs';
import { localSecrets } from '../local/secrets.mjs';
import { startLocalService } from '../local/service.mjs';
import { root } from '../setup/run.mjs';
import { startNameServer } from './dns.mjs';

const CONFIGURATION = join(root, 'deploy', 'haproxy', 'haproxy.cfg');
const NAME = 'proxies.test';

/**
 * @typedef {object} ScaleProxy
 * @property {string} address
 * @property {import('../local/child.mjs').Child} child the one that runs, or ran last
 * @property {() => void} start does not wait until it is up
 * @property {() => Promise<void>} untilUp
 */

/**
 * A chain, anchord, three proxies behind HAProxy, and one proxy that stands alone.
 *
 * @typedef {object} Stack
 * @property {import('../local/service.mjs').LocalService} service the chain, anchord, and the proxy that stands alone
 * @property {ScaleProxy[]} proxies
 * @property {import('../local/child.mjs').Child} haproxy
 * @property {{ https: number, http: number, metrics: number, bare: number }} ports
 * @property {string} certificate what TLS is checked against
 * @property {() => Promise<void>} untilAllUp until HAProxy sends requests to every proxy
 * @property {() => Promise<void>} stop
 */

/** Says how to get HAProxy, where it is not there. */
export function haproxyVersion() {
  try {
    return execFileSync('haproxy', ['-v'], { encoding: 'utf8' }).split('\n')[0] ?? '';
  } catch {
    throw new Error('HAProxy is not installed. On Debian and Ubuntu: apt-get update && apt-get install -y haproxy');
  }
}

/**
 * @param {{ folder: string, proxies: number, windowSeconds: number, settings?: Record<string, string>, log: (line: string) => void }} options
 *   `settings` of all proxies
 * @returns {Promise<Stack>}
 */
export async function startStack({ folder, proxies: count, windowSeconds, settings = {}, log }) {
  /** @type {import('../local/child.mjs').Child[]} */
  const running = [];
  const ports = await freePorts();
  const https = ports.public + 10;
  const [http, metrics] = [https + 1, https + 2];
  const limits = {
    CHRONOS_CLIENT_REQUESTS_PER_MINUTE: '1200',
    CHRONOS_CLIENT_DIGESTS_PER_MINUTE: '600000',
    CHRONOS_CLIENT_VERIFICATIONS_PER_MINUTE: '60',
    CHRONOS_CLIENT_CONNECTIONS: '256',
    ...settings,
  };
  const service = await startLocalService({ dataDir: folder, ports, windowSeconds, settings: limits, log, running });
  const addresses = Array.from({ length: count }, (_, i) => `127.0.0.${11 + i}`);
  const names = await startNameServer(NAME, addresses);
  const stop = async () => {
    names.close();
    await Promise.all(running.splice(0).map((child) => child.stop()));
  };
  try {
    log(`Starting ${count} proxies and HAProxy …`);
    const start = proxyStarter({
      folder,
      port: ports.public,
      anchordPort: ports.anchord,
      rpcUrl: service.rpcUrl,
      limits,
    });
    const proxies = addresses.map((address) => start(address, running));
    const certificate = await makeCertificate(folder);
    const haproxyLog = join(folder, 'logs', 'haproxy.log');
    const haproxy = startChild({
      name: 'haproxy',
      command: 'haproxy',
      args: ['-db', '-f', CONFIGURATION],
      env: {
        CHRONOS_HTTP_BIND: `127.0.0.1:${http}`,
        CHRONOS_HTTPS_BIND: `127.0.0.1:${https}`,
        CHRONOS_TLS_PEM: join(folder, 'tls.pem'),
        CHRONOS_PROXIES: `${NAME}:${ports.public}`,
        CHRONOS_DNS: `127.0.0.1:${names.port}`,
        CHRONOS_HAPROXY_METRICS: `127.0.0.1:${metrics}`,
        CHRONOS_HAPROXY_MAXCONN: '6000',
        ...settings,
      },
      logFile: haproxyLog,
    });
    running.push(haproxy);
    const untilAllUp = () => untilReady(haproxy, haproxyLog, async () => (await serversUp(metrics)) === count);
    for (const proxy of proxies) await proxy.untilUp();
    await untilAllUp();
    return {
      ...{ service, proxies, haproxy, certificate, untilAllUp, stop },
      ports: { https, http, metrics, bare: ports.public },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {{ folder: string, port: number, anchordPort: number, rpcUrl: string, limits: Record<string, string> }} options
 * @returns {(address: string, running: import('../local/child.mjs').Child[]) => ScaleProxy}
 */
function proxyStarter({ folder, port, anchordPort, rpcUrl, limits }) {
  const { privateTokenFile } = localSecrets(folder);
  return (address, running) => {
    const name = `proxy-${address}`;
    const logFile = join(folder, 'logs', `${name}.log`);
    const begin = () => {
      const child = startChild({
        name,
        command: process.execPath,
        args: [join(root, 'packages', 'proxy', 'bin', 'chronos-proxy.js')],
        env: {
          CHRONOS_NETWORK: 'local',
          CHRONOS_EVM_RPC_URLS: rpcUrl,
          CHRONOS_HOST: address,
          CHRONOS_PORT: String(port),
          CHRONOS_ANCHORD_URL: `http://127.0.0.1:${anchordPort}`,
          CHRONOS_PRIVATE_TOKEN_FILE: privateTokenFile,
          CHRONOS_METRICS_PORT: '0',
          // HAProxy calls from here. It asks each second, and believes the second answer.
          CHRONOS_TRUSTED_PROXIES: '127.0.0.1',
          CHRONOS_DRAIN_SECONDS: '3',
          ...limits,
        },
        logFile,
      });
      running.push(child);
      return child;
    };
    /** @type {ScaleProxy} */
    const proxy = {
      address,
      child: begin(),
      start: () => {
        proxy.child = begin();
      },
      untilUp: () =>
        untilReady(proxy.child, logFile, async () => (await fetch(`http://${address}:${port}/readyz`)).status === 200),
    };
    return proxy;
  };
}

/**
 * A certificate for 127.0.0.1, good for two days, beside its key in `tls.pem`.
 * @param {string} folder
 */
async function makeCertificate(folder) {
  mkdirSync(folder, { recursive: true });
  const [key, certificate] = ['tls-key.pem', 'tls-certificate.pem'].map((name) => join(folder, name));
  // prettier-ignore
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', String(key), '-out', String(certificate),
  ]);
  const pem = readFileSync(String(certificate), 'utf8');
  writeFileSync(join(folder, 'tls.pem'), `${pem}${readFileSync(String(key), 'utf8')}`, { mode: 0o600 });
  return pem;
}

/**
 * How many proxies HAProxy sends requests to, by its own metrics.
 * @param {number} port
 */
export async function serversUp(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...text.matchAll(/^haproxy_server_status\{proxy="proxies",server="[^"]+",state="UP"\} 1$/gm)].length;
}
