// @ts-check
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rateOf } from '../bench/rates.mjs';
import { runLoad } from '../bench/load.mjs';
import { machine, table } from '../bench/report.mjs';
import { localSecrets } from '../local/secrets.mjs';
import { startStack } from './stack.mjs';

const PROXIES = 3;
const NO_LIMITS = {
  CHRONOS_CLIENT_REQUESTS_PER_MINUTE: '0',
  CHRONOS_CLIENT_DIGESTS_PER_MINUTE: '0',
  CHRONOS_CLIENT_VERIFICATIONS_PER_MINUTE: '0',
  CHRONOS_CLIENT_CONNECTIONS: '0',
};

/** What clients send to proxies: single digests, from few and many at once, and full requests. */
const LOADS = [
  { size: 1, connections: 64 },
  { size: 1, connections: 256 },
  { size: 1_000, connections: 12 },
];
/** What proxies send to anchord: the calls of one that has little to do, of one under load, and of many. */
const CALLS = [
  { size: 1, connections: 2 },
  { size: 32, connections: 2 },
  { size: 32, connections: 6 },
  { size: 1_000, connections: 6 },
];

/**
 * How what is taken in grows with the proxies, and what anchord takes without any.
 *
 * @param {{ folder: string, seconds: number, log: (line: string) => void }} options
 * @returns {Promise<{ report: string, problems: string[] }>}
 */
export async function measureCapacity({ folder, seconds, log }) {
  const stack = await startStack({ folder, proxies: PROXIES, windowSeconds: 10, settings: NO_LIMITS, log });
  const { service, proxies, ports } = stack;
  const anchordPort = Number(new URL(service.privateUrl).port);
  const token = readFileSync(localSecrets(folder).privateTokenFile, 'utf8').trim();
  const common = {
    key: randomBytes(32).toString('hex'),
    seconds,
    warmUpSeconds: Math.min(3, seconds / 4),
    end: Infinity,
  };
  let from = 0;
  /** @type {string[]} */
  const problems = [];
  /** @type {string[][]} */
  const rows = [];
  const measure = async (
    /** @type {string} */ what,
    /** @type {Pick<import('../bench/load-generator.mjs').Job, 'kind' | 'port' | 'hosts' | 'path' | 'token' | 'size' | 'connections'>} */ job,
  ) => {
    log(what);
    const pids = Object.fromEntries(proxies.map(({ child }, i) => [`proxy ${i}`, child.pid]));
    const loaded = await runLoad({ ...common, ...job, from }, { ...pids, anchord: service.anchord.pid });
    from = loaded.next;
    if (loaded.failures > 0)
      problems.push(`${what}: ${loaded.failures} answers were no success: ${JSON.stringify(loaded.statuses)}`);
    const { requestsPerSecond, digestsPerSecond, p50Ms, p99Ms } = rateOf(what, loaded);
    const { cores } = loaded;
    const ofProxies = proxies.reduce((sum, _, i) => sum + (cores[`proxy ${i}`] ?? NaN), 0);
    rows.push([
      what,
      ...[requestsPerSecond, digestsPerSecond].map((n) => Math.round(n).toLocaleString('en')),
      ...[p50Ms, p99Ms].map((ms) => ms.toFixed(1)),
      ...[ofProxies, cores['anchord'] ?? NaN, cores['generator'] ?? NaN].map((n) => n.toFixed(2)),
    ]);
  };
  try {
    for (const { size, connections } of LOADS) {
      for (let count = 1; count <= PROXIES; count++) {
        const hosts = proxies.slice(0, count).map(({ address }) => address);
        const what = `${size.toLocaleString('en')} a request, ${connections} connections, ${count} ${count === 1 ? 'proxy' : 'proxies'}`;
        await measure(what, { kind: 'submit', port: ports.bare, hosts, path: '/api/v1/timestamps', size, connections });
      }
    }
    for (const { size, connections } of CALLS) {
      const what = `anchord alone, ${size.toLocaleString('en')} a call, ${connections} connections`;
      await measure(what, { kind: 'anchord', port: anchordPort, token, size, connections });
    }
  } finally {
    await stack.stop();
  }
  const head = ['submitting', 'requests/s', 'digests/s', 'p50 ms', 'p99 ms', 'cores: proxies', 'anchord', 'generator'];
  return {
    report: `${machine()}; ${seconds} s each\n\n${table([head, ...rows])}\n\nThe generator, the proxies and anchord share these cores: where the last three columns come near to their number, the machine is what limits, not the service.`,
    problems,
  };
}
