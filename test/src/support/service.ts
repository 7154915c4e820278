import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Child {
  name: string;
  pid: number;
  output: Readable;
  exited: Promise<number | null>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** See scripts/local/service.mjs. */
export interface LocalService {
  url: string;
  rpcUrl: string;
  contract: string;
  chains: { kind: ChainKind; rpcUrl: string; contract: string; child: Child }[];
  adminUrl: string;
  metricsUrl: string;
  proxyMetricsUrl: string;
  adminTokenFile: string;
  anchord: Child;
  proxy: Child;
  stopService(): Promise<void>;
  startAgain(name: PartName): Child;
  anchordEnv: Record<string, string>;
  isUp(name: PartName): Promise<boolean>;
  restartAnchord(): Promise<void>;
  stop(): Promise<void>;
}

export type PartName = 'anchord' | 'proxy';

export type ChainKind = 'evm' | 'scilla';

const PORT_NAMES = ['public', 'anchord', 'admin', 'metrics', 'proxyMetrics', 'chain', 'nativeChain'] as const;
export type Ports = Record<(typeof PORT_NAMES)[number], number>;

interface ServiceModule {
  startLocalService(options: {
    dataDir: string;
    ports: Ports;
    windowSeconds: number;
    chains: readonly ChainKind[];
    settings: Record<string, string>;
    log(line: string): void;
  }): Promise<LocalService>;
}

/** The length of windows in these tests, and how long after a window's end its proofs may take: "one window plus 15 s". */
export const WINDOW_SECONDS = 3;

/** Starts the whole service by the code that `npm start` runs, in a folder of its own. */
export async function startService(
  dataDir: string,
  ports: Ports,
  chains: readonly ChainKind[] = ['evm'],
  settings: Record<string, string> = {},
  windowSeconds = WINDOW_SECONDS,
): Promise<LocalService> {
  const path = new URL('../../../scripts/local/service.mjs', import.meta.url).href;
  const { startLocalService } = (await import(path)) as ServiceModule;
  return startLocalService({ dataDir, ports, windowSeconds, chains, settings, log: () => undefined });
}

/** Ports that are free now. All are held open until each is chosen, so that no two are the same. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    Array.from(
      { length: PORT_NAMES.length },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => {
            resolve(server);
          });
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(PORT_NAMES.map((name, i) => [name, ports[i]!])) as Ports;
}

/**
 * A port for `CHRONOS_PORT`, free like the others that it moves (+1 to +4, +45). Below the range from which the system gives out ports, so that no
 * other test takes one of them meanwhile.
 */
export async function freeFirstPort(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([0, 1, 2, 3, 4, 45].map((step) => first + step).map(isFree));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => {
        resolve(false);
      })
      .listen(port, '127.0.0.1', () => {
        server.close(() => {
          resolve(true);
        });
      });
  });
}

export function temporaryFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'chronos-e2e-'));
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
