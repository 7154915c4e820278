import { ChronosError } from '@chronos/shared';
import { createAnchorer, type AnchorerOptions } from './anchors/anchorer.js';
import type { Chain } from './chain/chain.js';
import type { Clock } from './clock.js';
import type { Logger } from './logger.js';
import { NO_OBSERVERS, type Observers } from './metrics/observers.js';
import { Admissions } from './store/admissions.js';
import { openAnchorStore } from './store/anchors.js';
import { IndexDamaged, IndexReader, indexSecret, prepareIndex, removeIndex } from './store/index-store.js';
import { type Db, openStore } from './store/store.js';
import { storeFaultOf } from './store/store-fault.js';
import { StoreWatch } from './store/store-watch.js';
import { WindowLog } from './store/window-log.js';
import { Windows } from './store/windows.js';
import { WindowFloor } from './upkeep/window-floor.js';
import { takeUpRestore } from './upkeep/restored.js';
import { Closer } from './windows/closer.js';
import { Collector } from './windows/collector.js';
import { FinalWatch } from './windows/final-watch.js';
import { indexMissing } from './windows/index-missing.js';
import { startIndexer } from './windows/indexer.js';
import { KeyedHash } from './windows/keyed-hash.js';
import { KnownDigests } from './windows/known-digests.js';
import { Proofs } from './windows/proofs.js';
import { TreeRepair } from './windows/tree-repair.js';
import { PublicViews } from './windows/public-views.js';

export interface ContextOptions {
  dataDir: string;
  version: string;
  windowSeconds: number;
  maxWindowDigests: number;
  /** Below this many free bytes on its disk the store takes no more digests. */
  reserveBytes: number;
  chains: readonly Chain[];
  /** Those of `chains`, by name, that a window does not wait for. */
  optionalChains?: readonly string[];
  anchorTiming?: NonNullable<AnchorerOptions['timing']>;
  clock: Clock;
  logger: Logger;
  observers?: Observers;
  /** The daemon cannot go on. */
  onFailure: (error: Error) => void;
  /** What opens the store and starts the indexer; who gives others stands between them and all that uses them. */
  open?: { store: typeof openStore; indexer: typeof startIndexer };
}

export type Context = Awaited<ReturnType<typeof buildContext>>;
/** What has to be closed, in the order of its opening. */
type Opened = (() => void | Promise<void>)[];

/** The most digests that wait to be stored at a time: 64 MB of them. Beyond it, submitting is refused for a moment. */
const MAX_WAITING_DIGESTS = 2_000_000;
/** Above this many pages the write-ahead log is copied once more from this thread, when hardly anything is left to copy, so that it starts anew. */
const LONG_LOG_PAGES = 1024;

/**
 * Builds every service of the daemon, and takes up what an earlier run left unfinished. Throws `store_unusable` where the store does not let
 * it; nothing is left open then.
 */
export async function createContext(options: ContextOptions): Promise<Context> {
  const opened: Opened = [];
  try {
    return await buildContext(options, opened);
  } catch (error) {
    await closeAll(opened);
    if (error instanceof IndexDamaged) {
      options.logger.warn({ why: error.message }, 'the index is derived from the store: it is made again');
      removeIndex(options.dataDir);
      return createContext(options);
    }
    const fault = storeFaultOf(error, options.dataDir);
    throw fault === undefined ? error : new ChronosError('store_unusable', fault.detail, {}, error);
  }
}

async function buildContext(options: ContextOptions, opened: Opened) {
  const { dataDir, clock, logger, chains, observers = NO_OBSERVERS } = options;
  const { open = { store: openStore, indexer: startIndexer } } = options;
  const store = open.store(dataDir);
  opened.push(() => {
    store.close();
  });
  const storeWatch = new StoreWatch({ store, folder: dataDir, reserveBytes: options.reserveBytes, clock, logger });
  opened.push(() => storeWatch.close());
  const onIndexDamaged = ({ message }: IndexDamaged) => {
    removeIndex(dataDir);
    options.onFailure(new Error(`${message}: it is derived from the store, and the next start makes it again`));
  };
  const secret = indexSecret(store.db);
  const admissions = new Admissions(store.db);
  const windows = new Windows(store.db);
  const log = new WindowLog(store.db);
  const restored = takeUpRestore(store, clock.nowMs());
  if (restored !== undefined) {
    logger.warn(restored, 'this store was restored from a backup; what was acknowledged after it is unknown');
    removeIndex(dataDir);
  }
  const floor = new WindowFloor({ store, windows, clock, logger });
  opened.push(() => floor.close());
  const anchors = openAnchorStore(store);
  const fault = prepareIndex(dataDir, { secret, findLogRoot: (id) => windows.find(id)?.closed?.logRoot });
  if (fault !== undefined) logger.warn({ fault }, 'the index cannot be used; it is made anew from the store');
  const indexer = await open.indexer({
    storeFile: store.file,
    secret,
    onCheckpoint: ({ pages }) => {
      if (pages > LONG_LOG_PAGES) startLogAnew(store.db, storeWatch);
    },
    onCheckpointFault: (fault) => storeWatch.failed(fault),
    onIndexDamaged,
    onFailure: options.onFailure,
  });
  opened.push(() => indexer.close());
  let running = false;
  const index = new IndexReader(dataDir, (damage) => {
    if (running) onIndexDamaged(damage); // before, whoever starts the daemon is told by the error itself
  });
  opened.push(() => {
    index.close();
  });
  const hash = new KeyedHash(secret);
  const known = new KnownDigests(admissions, index, hash, () => indexer.filter);
  const finalWatch = new FinalWatch(windows, clock);
  const isRequired = ({ chain }: Chain) => !(options.optionalChains ?? []).includes(chain);
  const requiredChains = chains.filter(isRequired).map(({ chain }) => chain);
  const settled = anchors.recordChains(
    chains.map(({ chain }) => chain),
    requiredChains,
    clock.nowMs(),
  );
  if (settled.length > 0) logger.info({ windows: settled }, 'windows are final by the chains that are required now');
  const anchorers = chains.map((chain) => ({
    chain,
    required: isRequired(chain),
    anchorer: createAnchorer({
      store: anchors,
      chain,
      clock,
      logger: logger.child({ chain: chain.chain }),
      requiredChains,
      ...(options.anchorTiming === undefined ? {} : { timing: options.anchorTiming }),
      onEvent: ({ event }) => {
        observers.onAnchorEvent(chain.chain, event);
      },
      onFinal: (ids) => {
        logger.info({ windows: ids }, 'windows are final');
        finalWatch.onFinal(ids);
      },
    }),
  }));
  opened.push(async () => {
    const anchoring = anchorers.map(({ anchorer }) => anchorer.close());
    // Breaks off the calls under way, so that no time-out is waited for; what they were to do was recorded before.
    for (const { chain } of anchorers) chain.close();
    await Promise.all(anchoring);
  });
  const closer = new Closer({
    ...{ store, storeWatch, admissions, windows, log, indexer, known, clock, logger },
    chains: chains.map(({ chain }) => chain),
    onClosed: (_window, seconds) => {
      observers.onWindowClosed(seconds);
      for (const { anchorer } of anchorers) anchorer.wake();
    },
  });
  opened.push(() => closer.close());
  // Before digests are looked up.
  await indexMissing({ windows, index, indexer }, ({ id, closed }) => {
    logger.info({ window: id, digests: closed.treeSize }, 'indexing a window again');
  });
  const collector = new Collector({
    windowFloor: () => floor.value,
    ...{ store, storeWatch, admissions, windows, known, hash, clock, logger },
    settings: { ...options, maxWaitingDigests: MAX_WAITING_DIGESTS },
    onCommitted: observers.onCommitted,
    onCommitFailed: observers.onCommitFailed,
    onAdmitted: (span) => {
      indexer.advance(span);
    },
    onEnded: (span) => {
      closer.closeSoon(span);
    },
  });
  opened.push(() => {
    collector.close();
  });
  storeWatch.start();
  floor.watch(chains);
  running = true;
  const treeRepair = new TreeRepair({ indexer, storeWatch, logger });
  const proofs = new Proofs({ windows, admissions, index, known, log, anchors, finalWatch, treeRepair, storeWatch });
  const views = new PublicViews({ ...options, windows, admissions, log, anchors, collector, chains: anchorers });

  return {
    ...{ collector, proofs, views, finalWatch, closer, anchorers, anchors, observers, storeWatch },
    /** Stores what waits, lets the step under way end, and closes the files. */
    close: () => closeAll(opened),
  };
}

/** Closes what was opened, the last first. */
async function closeAll(opened: Opened): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

function startLogAnew(db: Db, storeWatch: StoreWatch): void {
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch (error) {
    if (storeWatch.failed(error) === undefined) throw error;
  }
}
