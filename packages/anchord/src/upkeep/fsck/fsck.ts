import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ChronosError } from '@chronos/shared';
import type { Clock } from '../../clock.js';
import { findIndexSecret, indexSecret } from '../../store/index-store.js';
import { SCHEMA_VERSION } from '../../store/migrations.js';
import { type Db, lockStore, openStore, storeFileIn } from '../../store/store.js';
import { restoresOf } from '../restored.js';
import { type ChainsToAsk, checkChains } from './check-chain.js';
import { IndexCheck } from './check-index.js';
import { checkStore } from './check-store.js';
import { isDamage } from './damage.js';
import { type Check, type Fault, Findings, RESTORE } from './findings.js';
import { rebuildIndex } from './rebuild-index.js';

export interface FsckOptions {
  folder: string;
  /** Mends what can be derived, and looks again. */
  fix?: boolean;
  /** Looks at one state of a store that a daemon has open. */
  online?: boolean;
  /** Where to ask the chains that the store is anchored on; without it they are not asked. */
  chains?: Omit<ChainsToAsk, 'clock'>;
  clock: Clock;
  onProgress?: (check: Check, done: number) => void;
}

export interface FsckReport {
  /** Those that are left, the first of each check. */
  faults: Fault[];
  faultCount: number;
  /** What was found and is no more. */
  mended: Fault[];
  notes: string[];
  /** What could not be looked at, and why. */
  unchecked?: string;
  digests: number;
  tookMs: number;
}

/** One mend may bring to light what hid behind it. */
const ROUNDS = 3;

/** Looks the store over. Throws `store_unusable` where that cannot be done: it is not there, in use, or of a newer release. */
export async function fsck(options: FsckOptions): Promise<FsckReport> {
  const { folder, clock, fix = false, online = false } = options;
  const startMs = clock.monotonicMs();
  if (fix && online)
    throw new ChronosError(
      'invalid_request',
      'a store that is in use is not mended: stop anchord and leave --online away',
    );
  if (!existsSync(storeFileIn(folder))) throw new ChronosError('store_unusable', `there is no store in ${folder}`);
  const found = new Map<string, Fault>();
  let findings = await withLock(folder, !online, () => look(options));
  for (let round = 0; fix && findings.isMendable && round < ROUNDS; round++) {
    for (const fault of findings.faults) found.set(textOf(fault), fault);
    await mend(folder, findings);
    findings = await withLock(folder, true, () => look(options));
  }
  for (const fault of findings.faults) found.delete(textOf(fault));
  const { faults, notes, digests, unchecked } = findings;
  return {
    ...{ faults, faultCount: findings.count(), mended: [...found.values()], notes },
    ...(unchecked === undefined ? {} : { unchecked }),
    ...{ digests, tookMs: Math.round(clock.monotonicMs() - startMs) },
  };
}

async function withLock<T>(folder: string, locked: boolean, work: () => Promise<T>): Promise<T> {
  const lock = locked ? lockStore(folder) : undefined;
  try {
    return await work();
  } finally {
    lock?.close();
  }
}

async function look({ folder, online = false, chains, clock, onProgress }: FsckOptions): Promise<Findings> {
  const findings = new Findings();
  const db = new Database(storeFileIn(folder), { readonly: true });
  try {
    if (!isReadable(db, findings)) return findings;
    db.exec('BEGIN'); // one state
    const index = openIndexCheck(folder, db, findings, online);
    const progress = onProgress === undefined ? {} : { onProgress };
    findings.digests = checkStore({ db, findings, nowMs: clock.nowMs(), ...(index && { index }), ...progress });
    if (findings.hasLasting('schema')) return findings;
    for (const { restoredAt, backupMadeAt, logSize } of restoresOf(db))
      findings.note(
        `it was restored at ${restoredAt} from a backup of ${backupMadeAt}: what was acknowledged in between is lost, and the log may have gone another way from size ${logSize} on`,
      );
    if (chains === undefined) return findings;
    onProgress?.('chain', 0);
    await checkChains(db, findings, { ...chains, clock }, (done) => onProgress?.('chain', done));
    return findings;
  } finally {
    db.close();
  }
}

/** Whether it is a store of this release or an older one. */
function isReadable(db: Db, findings: Findings): boolean {
  try {
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version <= SCHEMA_VERSION) return true;
    throw new ChronosError(
      'store_unusable',
      `the store has schema ${version}, this program knows up to ${SCHEMA_VERSION}: check it with the newer release`,
    );
  } catch (error) {
    if (!isDamage(error)) throw error;
    findings.add('file', 'chronos.db', error.message, RESTORE);
    return false;
  }
}

function openIndexCheck(folder: string, db: Db, findings: Findings, inUse: boolean): IndexCheck | undefined {
  try {
    const secret = findIndexSecret(db);
    if (secret === undefined) {
      findings.addMendable(
        'index',
        'meta, index secret',
        'is missing or no key',
        'makes another, and index.db anew',
        (writable) => {
          writable.prepare("DELETE FROM meta WHERE name = 'index secret'").run();
        },
      );
      return undefined;
    }
    const select = db.prepare<[number], Buffer | null>('SELECT log_root FROM windows WHERE id = ?').pluck();
    return new IndexCheck(folder, findings, { secret, findLogRoot: (id) => select.get(id) ?? undefined, inUse });
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined; // the other checks tell what is wrong with the store
  }
}

async function mend(folder: string, findings: Findings): Promise<void> {
  const store = openStore(folder);
  try {
    store.transaction(() => {
      store.db.pragma('defer_foreign_keys = ON');
      findings.mendAll(store.db);
    });
    if (findings.count('index') > 0 && !findings.hasLasting('windows'))
      await rebuildIndex(folder, store, indexSecret(store.db));
  } catch (error) {
    throw new ChronosError(
      'store_unusable',
      `mending failed, and nothing of the store was changed by it: ${(error as Error).message}`,
      {},
      error,
    );
  } finally {
    store.close();
  }
}

function textOf({ check, where, what }: Fault): string {
  return `${check}\n${where}\n${what}`;
}
