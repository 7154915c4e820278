import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { settingsSchema as anchordSettings } from '../../packages/anchord/dist/config.js';
import { environmentSchema as proxySettings } from '../../packages/proxy/dist/config.js';

// The stack and the images are written by hand; here they are held against what the programs know, for no engine reads them in a test.

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Secret {
  source: string;
  target?: string;
  uid: string;
  mode: number;
}
interface Service {
  environment: Record<string, string>;
  secrets: Secret[];
  /** Names, or names with what is said of each. */
  networks: string[] | Record<string, { aliases?: string[] }>;
  ports?: { target: number; published: number; mode: string }[];
  volumes?: string[];
  configs?: { source: string }[];
  read_only?: boolean;
  stop_grace_period: string;
  deploy: { replicas?: number; update_config: { order: string }; placement: Record<string, unknown> };
}
interface Stack {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean; driver_opts?: Record<string, string> }>;
  secrets: Record<string, { external: boolean }>;
  configs: Record<string, { file: string }>;
}

/** What an operator gives with `docker stack deploy`. */
const GIVEN: Record<string, string> = {
  CHRONOS_PROXY_IMAGE: 'chronos/proxy:1',
  CHRONOS_ANCHORD_IMAGE: 'chronos/anchord:1',
  CHRONOS_PUBLIC_URL: 'https://chronos.example',
  CHRONOS_EVM_CONTRACT: '0x9252A3a9FE29A957a098b246CE9420A3711Ba6d5',
};

/** As Docker does it: in strings alone, after parsing. */
const interpolate = (text: string) =>
  text.replace(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}/g, (_, name: string, byDefault = '') => GIVEN[name] ?? byDefault);
const stack = parse(
  read('docker-stack.yml'),
  (_key, value: unknown) => (typeof value === 'string' ? interpolate(value) : value),
  {
    merge: true,
  },
) as Stack;
const namesOf = (networks: Service['networks']) => (Array.isArray(networks) ? networks : Object.keys(networks));
const { haproxy, proxy, anchord } = stack.services as Record<'haproxy' | 'proxy' | 'anchord', Service>;
const dockerfile = read('Dockerfile');
/** The lines of one target of the Dockerfile. */
const target = (name: string) => dockerfile.split(` AS ${name}\n`)[1]!.split('\nFROM ')[0]!;
const USER = /^USER (\d+):/m.exec(target('anchord'))![1]!;

describe('docker-stack.yml', () => {
  test.each([
    ['anchord', anchord, anchordSettings],
    ['proxy', proxy, proxySettings],
  ] as const)('sets nothing that %s does not know, and nothing malformed', (_, { environment }, { shape }) => {
    for (const [name, value] of Object.entries(environment)) {
      expect(Object.keys(shape)).toContain(name);
      // Files are not there; an empty variable counts as none.
      if (name.endsWith('_FILE') || value === '') continue;
      const { success } = (shape as Readonly<Record<string, { safeParse(value: unknown): { success: boolean } }>>)[
        name
      ]!.safeParse(value);
      expect([name, success]).toEqual([name, true]);
    }
  });

  test('gives each program the secrets that its settings name, readable for its user alone, and no other', () => {
    for (const { environment, secrets } of [anchord, proxy, haproxy]) {
      const named = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
      expect(secrets.map(({ source, target = source }) => `/run/secrets/${target}`).sort()).toEqual(named.sort());
      for (const { source, mode } of secrets) {
        expect(stack.secrets[source]).toMatchObject({ external: true });
        // YAML 1.2 reads 0400 as four hundred; Docker's reader as octal, which is what `docker stack config` shows.
        expect(mode).toBe(400);
      }
    }
    for (const { uid } of [...anchord.secrets, ...proxy.secrets]) expect(uid).toBe(USER);
    expect(Object.keys(stack.secrets).sort()).toEqual(
      [...new Set([anchord, proxy, haproxy].flatMap(({ secrets }) => secrets.map(({ source }) => source)))].sort(),
    );
  });

  test('publishes the balancer alone, with the addresses of clients', () => {
    const published = Object.entries(stack.services).flatMap(([name, { ports = [] }]) =>
      ports.map(({ published, mode }) => [name, published, mode]),
    );
    expect(published).toEqual([
      ['haproxy', 80, 'host'],
      ['haproxy', 443, 'host'],
    ]);
  });

  test('leads each part to the port that the next one listens on', () => {
    const [proxies] = (proxy.networks as Record<string, { aliases: string[] }>)['public']!.aliases;
    const [daemon] = (anchord.networks as Record<string, { aliases: string[] }>)['private']!.aliases;
    expect(haproxy.environment['CHRONOS_PROXIES']).toBe(`${proxies!}:${proxy.environment['CHRONOS_PORT']!}`);
    expect(proxy.environment['CHRONOS_ANCHORD_URL']).toBe(
      `http://${daemon!}:${anchord.environment['CHRONOS_ANCHORD_PORT']!}`,
    );
    for (const [name, { environment }] of [['anchord', anchord] as const, ['proxy', proxy] as const]) {
      const main = environment[name === 'anchord' ? 'CHRONOS_ANCHORD_PORT' : 'CHRONOS_PORT']!;
      expect(target(name)).toContain(`EXPOSE ${main} ${environment['CHRONOS_METRICS_PORT']!}\n`);
      const asked = name === 'anchord' ? environment['CHRONOS_METRICS_PORT']! : main;
      expect(target(name)).toMatch(new RegExp(`^HEALTHCHECK [^]+http://127\\.0\\.0\\.1:${asked}/`, 'm'));
    }
  });

  test('keeps anchord with the proxies alone on the private network, and its admin port on none', () => {
    expect(stack.networks['private']).toMatchObject({ internal: true, driver_opts: { encrypted: '' } });
    const on = (network: string) =>
      Object.entries(stack.services).flatMap(([name, { networks }]) =>
        namesOf(networks).includes(network) ? [name] : [],
      );
    expect(on('private')).toEqual(['proxy', 'anchord']);
    expect(on('outward')).toEqual(['anchord']);
    expect(anchord.environment['CHRONOS_ADMIN_HOST']).toBe('127.0.0.1');
  });

  test('never runs two daemons on the store, which is the one place that anchord writes to', () => {
    expect(anchord.deploy).toMatchObject({ replicas: 1, update_config: { order: 'stop-first' } });
    expect(anchord.deploy.placement).toMatchObject({ constraints: [expect.stringContaining('chronos.store')] });
    expect(anchord.volumes).toEqual([`store:${anchord.environment['CHRONOS_DATA_DIR']!}`]);
    for (const service of Object.values(stack.services)) expect(service.read_only).toBe(true);
  });

  test('starts a new proxy before it stops an old one, and gives that the time to end', () => {
    expect(proxy.deploy).toMatchObject({ replicas: 3, update_config: { order: 'start-first' } });
    // docs/deployment.md, "Stopping a proxy".
    expect(parseInt(proxy.stop_grace_period)).toBeGreaterThanOrEqual(
      Number(proxy.environment['CHRONOS_DRAIN_SECONDS']) + 15,
    );
  });

  test('is asked for metrics, where that option is taken, by the jobs that the alerts know, on the ports that are there', () => {
    const monitoring = parse(read('deploy/monitoring/docker-stack.yml'), { merge: true }) as Stack;
    interface Prometheus {
      scrape_configs: { job_name: string; dns_sd_configs?: { names: string[]; port: number }[] }[];
    }
    const [inStack, alone] = ['prometheus.swarm.yml', 'prometheus.yml'].map(
      (name) => parse(read(`deploy/monitoring/prometheus/${name}`)) as Prometheus,
    );
    const jobs = Object.fromEntries(
      inStack!.scrape_configs.map(({ job_name, dns_sd_configs }) => [job_name, dns_sd_configs![0]!]),
    );
    expect(Object.keys(jobs)).toEqual(expect.arrayContaining(alone!.scrape_configs.map(({ job_name }) => job_name)));
    expect(jobs).toMatchObject({
      anchord: { names: ['tasks.anchord'], port: Number(anchord.environment['CHRONOS_METRICS_PORT']) },
      'chronos-proxy': { names: ['tasks.proxy'], port: Number(proxy.environment['CHRONOS_METRICS_PORT']) },
      haproxy: { port: Number(monitoring.services['haproxy']!.environment['CHRONOS_HAPROXY_METRICS']!.slice(1)) },
    });
    for (const { file } of Object.values(monitoring.configs))
      expect([file, existsSync(join(root, file))]).toEqual([file, true]);
  });

  test('gives HAProxy the configuration that the tests run, and settings that it names', () => {
    const { file } = stack.configs[haproxy.configs![0]!.source]!;
    const names = [...read(file).matchAll(/^\s*presetenv (\w+)/gm)].map(([, name]) => name);
    for (const name of Object.keys(haproxy.environment)) expect(names).toContain(name);
  });
});

describe('the Dockerfile', () => {
  test('builds with the pnpm of the workspace, runs as nobody in particular, and copies what is there', () => {
    const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string };
    expect(dockerfile).toContain(`npm install --global ${packageManager}`);
    for (const name of ['anchord', 'proxy']) expect(target(name)).toContain(`USER ${USER}:${USER}\n`);
    for (const [, paths] of dockerfile.matchAll(/^COPY (?!--from|\. )(.+) \S+$/gm)) {
      for (const path of paths!.split(' ')) {
        expect([path, existsSync(join(root, path))]).toEqual([path, true]);
        expect(read('.dockerignore')).toMatch(new RegExp(`^!${path.split('/').slice(0, 2).join('/')}`, 'm'));
      }
    }
  });
});
