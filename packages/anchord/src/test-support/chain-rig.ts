import { expect } from '@jest/globals';
import { pino } from 'pino';
import type { AnchorEvent, AnchorEventName } from '../anchors/anchor-events.js';
import { type Anchorer, type AnchorerOptions, createAnchorer } from '../anchors/anchorer.js';
import { EVENT_LINES } from '../anchors/event-log.js';
import type { EvmChainOptions } from '../chain/evm-chain.js';
import { type Bench, CHAIN, openBench, TIMING } from './anchoring-bench.js';
import type { Anvil } from './anvil.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';

/** What goes on every day; all other lines of the log are for the operator. */
const ROUTINE: AnchorEventName[] = ['signed', 'broadcast', 'included', 'final'];

export interface LogLine {
  level: number;
  msg: string;
  [field: string]: unknown;
}

/** An anchorer as in production, on a clock that the test moves, before endpoints that misbehave, before a real node. */
export interface Rig extends Bench {
  proxies: FaultProxy[];
  /** The first of them. */
  proxy: FaultProxy;
  /** All lines of the log. */
  lines: LogLine[];
  anchorer: Anchorer;
  /** Starts it, or another one after the first was closed: what a new process has. */
  start(options?: Partial<EvmChainOptions>, anchorerOptions?: Partial<AnchorerOptions>): void;
  /** Closes windows and tells the anchorer. */
  closeWindows(count: number): number[];
  /** Lets time pass as soon as the anchorer waits for it; a block is made at its end unless told otherwise. */
  pass(ms?: number, options?: { blocks?: number }): Promise<void>;
  /** Lets time pass, a block each second, until this holds. */
  until(holds: () => boolean, what: string): Promise<void>;
  untilFinal(windows: readonly number[]): Promise<void>;
  /** The messages that are not everyday ones, in order. */
  told(): string[];
  /** Each window's root is on the chain once, each window is final, nothing is left, and so many transactions were paid for. */
  expectExactlyOnce(windows: readonly number[], paid: number): Promise<void>;
  stop(): Promise<void>;
}

export async function openRig(anvil: Anvil, { endpoints = 1, timeoutMs = 10_000 } = {}): Promise<Rig> {
  const bench = await openBench(anvil);
  const proxies = await Promise.all(Array.from({ length: endpoints }, () => startFaultProxy(anvil.url)));
  const lines: LogLine[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) });
  const { clock, anchors, final, events } = bench;
  let closeChain = (): void => undefined;
  const routine = new Set(ROUTINE.map((event) => EVENT_LINES[event].message));

  const rig: Rig = {
    ...bench,
    ...{ proxies, proxy: proxies[0]!, lines },
    anchorer: undefined as never,
    start(options = {}, anchorerOptions = {}) {
      const chain = bench.openChain({ rpcUrls: proxies.map(({ url }) => url), timeoutMs, ...options });
      closeChain = () => {
        chain.close();
      };
      rig.anchorer = createAnchorer({
        ...{ store: anchors, chain, clock, logger, requiredChains: [CHAIN] },
        timing: { ...TIMING, pollMs: 1_000, maxBackoffMs: 16_000 },
        // What the bench's wallets hold pays for more than this.
        lowBalanceAnchors: 100,
        onFinal: (windows) => final.push(...windows),
        onEvent: (event: AnchorEvent) => events.push(event),
        ...anchorerOptions,
      });
      rig.anchorer.start();
    },
    closeWindows(count) {
      const windows = bench.close(count);
      rig.anchorer.wake();
      return windows;
    },
    async pass(ms = 2_000, { blocks = 1 } = {}) {
      await clock.whenAsleep();
      if (blocks > 0) await anvil.mine(blocks);
      await clock.advance(ms);
      await clock.whenAsleep();
    },
    async until(holds, what) {
      for (let second = 0; second < 400; second++) {
        if (holds()) return;
        await rig.pass(1_000);
      }
      throw new Error(`${what} did not come; ${JSON.stringify(rig.anchorer.state(), bigints)}`);
    },
    untilFinal: (windows) =>
      rig.until(() => windows.every((window) => final.includes(window)), `the finality of ${windows.length} windows`),
    told: () => lines.map(({ msg }) => msg).filter((message) => !routine.has(message)),
    async expectExactlyOnce(windows, paid) {
      expect(await bench.anchoredWindows(windows)).toEqual(windows);
      expect([...final].sort((a, b) => a - b)).toEqual(windows);
      expect(anchors.countUnanchored(CHAIN)).toBe(0);
      expect(anchors.findUnfinishedAttempts(CHAIN)).toEqual([]);
      expect(await bench.paid()).toBe(paid);
    },
    async stop() {
      const stopping = rig.anchorer.close();
      closeChain();
      await stopping;
    },
    dispose() {
      bench.dispose();
      for (const proxy of proxies) void proxy.close();
    },
  };
  return rig;
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
