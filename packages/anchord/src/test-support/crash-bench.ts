import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type BinaryReceipt,
  EvmReader,
  fromHex,
  isoTime,
  type Proof,
  readReceipt,
  RECEIPT_BYTES,
  toHex,
  verifyProof,
} from '@chronos/shared';
import type { Chain } from '../chain/chain.js';
import { type Context, createContext } from '../context.js';
import { createLogger } from '../logger.js';
import { openStore, type Store } from '../store/store.js';
import { nativeHashInto } from '../store/sha256.js';
import { startIndexer } from '../windows/indexer.js';
import { type Bench, CHAIN, openBench, TIMING } from './anchoring-bench.js';
import type { Anvil } from './anvil.js';
import { Fuse } from './fuse.js';
import { randomDigests } from './services.js';
import { auditChain, auditStore, isAtRest, readEvents } from './store-audit.js';

export const WINDOW_SECONDS = 10;
const STEP_MS = 4_000;
/** More looks at the chain than anything here takes, back-offs included. */
const MOST_STEPS = 120;

/** Stands before the store or the chain, as a program with a fault would: to see that the bench notices it. */
export interface Variant {
  store?: (store: Store) => Store;
  chain?: (chain: Chain) => Chain;
}

/** The daemon's services over one store and one real chain, whose parts are broken at will; and what was acknowledged, kept outside. */
export class CrashBench {
  readonly acknowledged = new Map<string, BinaryReceipt>();
  /** Sent, and not acknowledged. */
  readonly refused = new Set<string>();
  private context: Context | undefined;
  private opened: { close(): unknown }[] = [];
  private currentFuse = new Fuse();
  private readonly reader: EvmReader;

  private constructor(
    readonly bench: Bench,
    private readonly vary: Variant,
  ) {
    this.reader = new EvmReader(CHAIN, bench.anvil.url);
  }

  static async open(anvil: Anvil, vary: Variant = {}): Promise<CrashBench> {
    return new CrashBench(await openBench(anvil), vary);
  }

  private get folder(): string {
    return join(this.bench.folder, 'crashed');
  }

  get file(): string {
    return join(this.folder, 'chronos.db');
  }

  /** What breaks calls of the process that runs; of the next one, where none does. */
  get fuse(): Fuse {
    return this.currentFuse;
  }

  /** The services; started anew where they have crashed or are not running, as often as that takes. */
  async running(): Promise<Context> {
    if (this.fuse.crashed) await this.drop();
    while (this.context === undefined) {
      try {
        this.context = await this.start();
      } catch (error) {
        if (!this.fuse.blown) throw error;
        await this.drop();
      }
    }
    return this.context;
  }

  /** Every digest that was sent. */
  sent(): string[] {
    return [...this.acknowledged.keys(), ...this.refused];
  }

  /** Ends the process: what is in memory is lost, and nothing more is written. */
  async drop(): Promise<void> {
    this.fuse.crashed = true;
    const { context, opened } = this;
    this.context = undefined;
    this.opened = [];
    if (context !== undefined) await context.close();
    else for (const part of opened.toReversed()) await part.close();
    this.currentFuse = new Fuse();
  }

  /** Sends digests, once more where they were refused, as a client does; notes what was acknowledged. */
  async submit(digests: readonly Buffer[]): Promise<void> {
    if (!(await this.isAcknowledged(digests))) await this.isAcknowledged(digests);
  }

  private async isAcknowledged(digests: readonly Buffer[]): Promise<boolean> {
    const { collector } = await this.running();
    const known = digests.map(toHex);
    try {
      const receipts = await collector.admit(Buffer.concat(digests));
      known.forEach((digest, i) => {
        const receipt = readReceipt(receipts, i * RECEIPT_BYTES);
        const before = this.acknowledged.get(digest);
        if (before !== undefined && differs(before, receipt)) throw new Error(`${digest} has two receipts`);
        this.acknowledged.set(digest, before ?? receipt);
        this.refused.delete(digest);
      });
      return true;
    } catch (error) {
      if (!this.fuse.blown) throw error;
      for (const digest of known) if (!this.acknowledged.has(digest)) this.refused.add(digest);
      return false;
    }
  }

  submitNew(count: number): Promise<void> {
    return this.submit(randomDigests(count));
  }

  /** Lets all that is under way come to where it waits for time to pass. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 3 && !this.fuse.crashed; still++) {
      while (this.fuse.underWay > 0 && !this.fuse.crashed) {
        still = 0;
        await setTimeout(1);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** A block is made, and time passes for everybody. */
  async step(ms = STEP_MS): Promise<void> {
    await this.running();
    await this.quiet();
    await this.bench.anvil.mine();
    await this.bench.clock.advance(ms);
    await this.quiet();
  }

  /** Until the open window is over. */
  async endWindow(): Promise<void> {
    const { bench } = this;
    await this.quiet();
    const windowMs = WINDOW_SECONDS * 1000;
    await bench.clock.advance(windowMs - (bench.clock.nowMs() % windowMs));
  }

  /** Until every digest is in a final window and nothing is under way. */
  async settle(): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      await this.running();
      if (isAtRest(this.file)) return;
      await this.step();
    }
    throw new Error(`after ${MOST_STEPS} steps: ${auditStore(this.file).join(', ')}`);
  }

  /** All that is wrong with these digests, or with all: their proofs must be complete, hold on the chain, and say what the receipt said. */
  async faultsOfDigests(digests: Iterable<string> = this.sent()): Promise<string[]> {
    const { proofs } = await this.running();
    const faults: string[] = [];
    for (const digest of digests) {
      const { status, json } = proofs.item(Buffer.from(digest, 'hex'));
      const receipt = this.acknowledged.get(digest);
      if (status === 'unknown') {
        if (receipt !== undefined) faults.push(`${digest} was acknowledged and is lost`);
        continue;
      }
      const proof = JSON.parse(Buffer.from(json).toString()) as Proof;
      const outcome = await verifyProof(fromHex(digest), proof, () => [this.reader], nativeHashInto);
      if (!outcome.ok) faults.push(`the proof of ${digest} does not verify: ${outcome.code}, ${outcome.message}`);
      const { salt, receivedAt, window } = proof;
      const same =
        receipt === undefined ||
        (salt === toHex(receipt.salt) &&
          receivedAt === isoTime(receipt.receivedAtMs) &&
          window.id === receipt.windowId);
      if (!same) faults.push(`the proof of ${digest} is not of its receipt`);
    }
    return faults;
  }

  /** All that is wrong in the whole store, and between it and the chain. */
  async faults(): Promise<string[]> {
    const { anvil, contract } = this.bench;
    const events = await readEvents(anvil, contract);
    const paid = await this.bench.paid();
    return [
      ...(await this.faultsOfDigests()),
      ...auditStore(this.file),
      ...auditChain(this.file, events),
      ...(paid === events.transactions
        ? []
        : [`${paid} transactions were paid for, ${events.transactions} have anchored`]),
    ];
  }

  async dispose(): Promise<void> {
    await this.drop();
    this.bench.dispose();
  }

  private async start(): Promise<Context> {
    const { fuse, bench } = this;
    const { store: varyStore = unchanged, chain: varyChain = unchanged } = this.vary;
    const chain = fuse.wrap('chain', varyChain(bench.openChain()));
    this.opened.push(chain);
    const context = await createContext({
      ...{ dataDir: this.folder, clock: bench.clock, windowSeconds: WINDOW_SECONDS, chains: [chain] },
      version: '0.0.0',
      maxWindowDigests: 1_000_000,
      reserveBytes: 0,
      anchorTiming: { ...TIMING, pollMs: 2_000 },
      logger: createLogger('silent'),
      onFailure: (error) => {
        throw error;
      },
      open: {
        store: (folder) => {
          const store = fuse.through('store openStore', () => {
            const opened = openStore(folder);
            this.opened.push(opened);
            return opened;
          });
          return fuse.wrapStore(varyStore(store));
        },
        indexer: (options) =>
          fuse.through('indexer start', async () => {
            const indexer = await startIndexer(options);
            this.opened.push(indexer);
            return fuse.wrap('indexer', indexer);
          }),
      },
    });
    for (const { anchorer } of context.anchorers) anchorer.start();
    return context;
  }
}

function unchanged<T>(part: T): T {
  return part;
}

function differs(a: BinaryReceipt, b: BinaryReceipt): boolean {
  return toHex(a.salt) !== toHex(b.salt) || a.receivedAtMs !== b.receivedAtMs || a.windowId !== b.windowId;
}
