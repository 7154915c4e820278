import type { AnchorStep, StepOptions } from '../anchors/anchor-step.js';
import type { Chain } from '../chain/chain.js';
import { type Context, createContext } from '../context.js';
import { createLogger } from '../logger.js';
import { openAnchorStore } from '../store/anchors.js';
import { openStore } from '../store/store.js';
import type { FakeClock } from './fake-clock.js';
import { admit, randomDigests } from './services.js';

/** What a store needs of a bench, of either kind of chain. */
export interface LiveBench {
  clock: FakeClock;
  openChain(): Chain;
  step(options: Partial<StepOptions>): AnchorStep;
  settle(step: AnchorStep): Promise<unknown>;
}

/** A store in a folder, as a daemon makes and anchors it, step by step: with the bench's chain, contract and clock. */
export interface LiveStore {
  readonly folder: string;
  /** What was admitted, window by window. */
  readonly windows: Buffer[][];
  /** Runs the services on it, as a daemon does but for anchoring. */
  run<T>(work: (services: Context) => Promise<T>): Promise<T>;
  /** One closed window for each size, ten seconds apart. */
  close(...sizes: number[]): Promise<void>;
  /** Digests in a window that stays open. */
  open(size: number): Promise<Buffer[]>;
  /** Anchors what waits, until it is final. */
  anchor(): Promise<void>;
}

export function liveStore(bench: LiveBench, folder: string): LiveStore {
  const windows: Buffer[][] = [];
  const store: LiveStore = {
    ...{ folder, windows },
    async run(work) {
      const services = await openAnchoring(bench, folder);
      try {
        return await work(services);
      } finally {
        await services.close();
      }
    },
    close: (...sizes) =>
      store.run(async (services) => {
        for (const size of sizes) {
          const digests = randomDigests(size);
          await admit(services, digests);
          windows.push(digests);
          services.collector.endWindow({ now: true });
          await services.closer.settled();
          await bench.clock.advance(10_000);
        }
      }),
    open: (size) =>
      store.run(async (services) => {
        const digests = randomDigests(size);
        await admit(services, digests);
        return digests;
      }),
    async anchor() {
      const opened = openStore(folder);
      const chain = bench.openChain();
      try {
        await bench.settle(bench.step({ store: openAnchorStore(opened), chain }));
      } finally {
        chain.close();
        opened.close();
      }
    },
  };
  return store;
}

/** The daemon's services with the bench's chain; anchoring is not started. */
export function openAnchoring(bench: LiveBench, dataDir: string): Promise<Context> {
  return createContext({
    ...{
      dataDir,
      clock: bench.clock,
      windowSeconds: 10,
      version: '0.0.0',
      maxWindowDigests: 1_000_000,
      reserveBytes: 0,
    },
    chains: [bench.openChain()],
    logger: createLogger('fatal'),
    onFailure: (error) => {
      throw error;
    },
  });
}
