import type { Chain } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { Store } from '../store/store.js';
import type { Windows } from '../store/windows.js';
import { recordWindowFloor, windowFloorOf } from './restored.js';

export interface WindowFloorOptions {
  store: Store;
  windows: Windows;
  clock: Clock;
  logger: Logger;
}

const RETRY_MS = 60_000;
/**
 * A window that lies further ahead than this was named by a clock that was wrong, or by somebody with a leaked key: ids are not to follow it,
 * for the first window after it would not end before its time.
 */
const MAX_AHEAD_SECONDS = 3_600;

/**
 * The id up to which no window is opened, because the store that was lost may have used it. The contract, too, tells of a store of later
 * date than this one: it is asked once a start, in the background, until it answers.
 */
export class WindowFloor {
  private floor: number;
  private readonly stop = new AbortController();
  private asking: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: WindowFloorOptions) {
    this.floor = windowFloorOf(options.store.db);
  }

  get value(): number {
    return this.floor;
  }

  watch(chains: readonly Chain[]): void {
    this.asking = Promise.all(chains.map((chain) => this.ask(chain)));
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.asking;
  }

  private async ask(chain: Chain): Promise<void> {
    const { clock, logger } = this.options;
    while (!this.stop.signal.aborted) {
      try {
        this.learn(chain.chain, await chain.latestWindow());
        return;
      } catch (error) {
        logger.debug({ err: error, chain: chain.chain }, 'the contract did not tell its latest window; asking again');
        await clock.sleep(RETRY_MS, this.stop.signal);
      }
    }
  }

  private learn(chain: string, latest: bigint): void {
    const { store, windows, clock, logger } = this.options;
    if (this.stop.signal.aborted) return;
    const known = Math.max(windows.findLast()?.id ?? -1, this.floor);
    // A contract that has no window yet answers 0, too.
    if (latest === 0n || latest <= BigInt(known)) return;
    const facts = { chain, latestWindow: latest.toString(), lastWindowHere: known };
    if (latest > BigInt(Math.floor(clock.nowMs() / 1000) + MAX_AHEAD_SECONDS)) {
      logger.error(facts, 'the contract has a window of a time to come: another service uses it, or a clock was wrong');
      return;
    }
    this.floor = Number(latest);
    recordWindowFloor(store, this.floor);
    logger.warn(facts, 'the contract has a later window: this store is older than the one that anchored it');
  }
}
