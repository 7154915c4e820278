import type { Receipt } from '@chronos/shared';
import { nowMs, pause } from '../clock.js';
import { isRefusal, pauseOrOnline, retryMs } from '../service/poll.js';
import { follow } from './follow.js';
import { Cancelled, type Hasher } from './hasher.js';
import type { Memory } from './memory.js';
import { isHashed, type Item, itemOf, type ItemFault, type Stamp, stampOf } from './stamp.js';
import type { StampingService } from './stamping-service.js';

export interface StampsOptions extends StampingService {
  hasher: Pick<Hasher, 'hash'>;
  memory: Memory;
}

/** A file as it was chosen or dropped, under its path there. */
export interface NamedFile {
  name: string;
  file: File;
}

/** So that a list of thousands is not drawn for each of them. */
const TELL_EVERY_MS = 60;
const MOST_AT_ONCE = 10_000;

/**
 * Everything that was stamped on this device, and what goes on with it: hashed, submitted in bulk, followed until it is final, and kept between
 * visits. Nothing but digests leaves it.
 */
export class Stamps {
  /** The newest first. Replaced whole when anything changes. */
  items: readonly Item[] = [];
  /** The service, or the connection, is away; it is tried again. */
  isAway = false;
  /** The browser keeps nothing between visits: proofs have to be downloaded before the page is closed. */
  isForgetful = false;
  /** What the service's clock is ahead of the device's, in ms, as far as receipts told. */
  clockAheadMs = 0;

  private readonly byId = new Map<string, Item>();
  private readonly hashing = new Map<string, AbortController>();
  private readonly listeners = new Set<() => void>();
  private submitting = false;
  private following = false;
  private telling = false;
  private readonly never = new AbortController();

  constructor(private readonly options: StampsOptions) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes up what was kept on this device. */
  async load(): Promise<void> {
    try {
      const kept = await this.options.memory.load();
      for (const stamp of kept.sort(newestFirst)) this.byId.set(stamp.id, itemOf(stamp));
    } catch {
      this.isForgetful = true;
    }
    this.changed();
    this.goOn();
  }

  /** Hashes and stamps files. */
  addFiles(files: readonly NamedFile[], { blind }: { blind: boolean }): void {
    const atMs = nowMs();
    const added = files.map(({ name, file }, i): Item => ({ ...newItem(name, blind, atMs, i), size: file.size }));
    this.prepend(added);
    for (const [i, item] of added.entries()) void this.hash(item, files[i]!.file);
    this.changed();
  }

  /** Stamps digests, 64 lower-case hex digits each. */
  addDigests(digests: readonly string[], { blind }: { blind: boolean }): void {
    const atMs = nowMs();
    const added = digests.map((digest, i): Item => ({ ...newItem('', blind, atMs, i), digest, stage: 'hashed' }));
    this.prepend(added);
    this.changed();
    this.goOn();
  }

  /** Stops hashing a file and takes it from the list. */
  cancel(id: string): void {
    this.hashing.get(id)?.abort();
    this.byId.delete(id);
    this.changed();
  }

  /** Forgets a document here. Its proof, where it was downloaded, still holds; a blinding that stands nowhere else is gone. */
  async forget(id: string): Promise<void> {
    this.cancel(id);
    await this.kept(() => this.options.memory.forget([id]));
  }

  async forgetAll(): Promise<void> {
    for (const controller of this.hashing.values()) controller.abort();
    this.byId.clear();
    this.changed();
    await this.kept(() => this.options.memory.forgetAll());
  }

  /** Tries again what was refused. */
  retry(id: string): void {
    const item = this.byId.get(id);
    if (item?.fault === undefined || !isHashed(item)) return;
    delete item.fault;
    item.stage = item.proof === undefined ? 'hashed' : 'submitted';
    this.changed();
    this.goOn();
  }

  private prepend(added: readonly Item[]): void {
    const before = [...this.byId];
    this.byId.clear();
    for (const item of added) this.byId.set(item.id, item);
    for (const [id, item] of before) this.byId.set(id, item);
  }

  private async hash(item: Item, file: Blob): Promise<void> {
    const controller = new AbortController();
    this.hashing.set(item.id, controller);
    try {
      item.digest = await this.options.hasher.hash(file, {
        onProgress: (hashedBytes) => {
          item.hashedBytes = hashedBytes;
          this.changed();
        },
        signal: controller.signal,
      });
      item.stage = 'hashed';
      this.goOn();
    } catch (error) {
      if (error instanceof Cancelled) return;
      fail(item, 'unreadable', error);
    } finally {
      this.hashing.delete(item.id);
      this.changed();
    }
  }

  private goOn(): void {
    if (!this.submitting) void this.submitAll();
    if (!this.following) void this.followAll();
  }

  private waiting(stage: 'hashed' | 'submitted'): (Item & { digest: string })[] {
    return [...this.byId.values()].filter((item) => item.stage === stage).filter(isHashed);
  }

  /** Submits whatever is hashed, one request at a time, until nothing is left. */
  private async submitAll(): Promise<void> {
    this.submitting = true;
    try {
      for (let faults = 0; ;) {
        // What is hashed at nearly the same moment travels together.
        await pause(TELL_EVERY_MS);
        const batch = this.waiting('hashed').slice(0, MOST_AT_ONCE);
        if (batch.length === 0) return;
        try {
          await this.submit(batch);
          faults = 0;
          this.setAway(false);
        } catch (error) {
          if (isRefusal(error)) for (const item of batch) fail(item, 'refused', error);
          else await this.waitOut(++faults, error);
        }
        this.changed();
      }
    } finally {
      this.submitting = false;
    }
  }

  private async submit(batch: readonly (Item & { digest: string })[]): Promise<void> {
    // First kept, then sent: a blinding that is lost after its digest was submitted would be lost for good.
    await this.keep(batch);
    const { submittedOf, ownProof, proofFromReceipt } = await this.options.shared();
    const submitted = new Map(batch.map((item) => [item, submittedOf(item)]));
    const sentAtMs = nowMs();
    const { items } = await (await this.options.client()).submit([...new Set(submitted.values())]);
    this.learnClock(items, (sentAtMs + nowMs()) / 2);
    const receipts = new Map(items.map((receipt) => [receipt.digest, receipt]));
    for (const item of batch) {
      const receipt = receipts.get(submitted.get(item)!);
      if (receipt === undefined) throw new Error('the service left a digest out of its answer');
      item.closesAt = receipt.window.closesAt;
      if (receipt.status === 'exists') item.wasKnown = true;
      item.proof = ownProof(item, proofFromReceipt(receipt));
      item.stage = 'submitted';
    }
    await this.keep(batch);
    this.changed();
    if (!this.following) void this.followAll();
  }

  private learnClock(receipts: readonly Receipt[], atMs: number): void {
    const fresh = receipts.find(({ status }) => status === 'accepted');
    if (fresh !== undefined) this.clockAheadMs = Date.parse(fresh.receivedAt) - atMs;
  }

  /** Follows what was submitted until all of it is final. */
  private async followAll(): Promise<void> {
    this.following = true;
    try {
      await follow({
        ...{ shared: this.options.shared, client: this.options.client },
        waiting: () => this.waiting('submitted'),
        onProofs: async (items) => {
          this.setAway(false);
          await this.keep(items);
          this.changed();
        },
        onNews: () => {
          this.changed();
        },
        onFault: (faults, error) => this.waitOut(faults, error),
        onLost: () => {
          this.changed();
          if (!this.submitting) void this.submitAll();
        },
      });
    } finally {
      this.following = false;
    }
  }

  private async waitOut(faults: number, error: unknown): Promise<void> {
    this.setAway(true);
    await pauseOrOnline(retryMs(faults, error), this.never.signal);
  }

  private setAway(isAway: boolean): void {
    if (this.isAway === isAway) return;
    this.isAway = isAway;
    this.changed();
  }

  private keep(items: readonly (Item & { digest: string })[]): Promise<void> {
    // What was forgotten meanwhile stays so.
    const known = items.filter(({ id }) => this.byId.has(id));
    return this.kept(() => this.options.memory.keep(known.map(stampOf)));
  }

  private async kept(write: () => Promise<void>): Promise<void> {
    if (this.isForgetful) return;
    try {
      await write();
    } catch {
      this.isForgetful = true; // it is told on the page
      this.changed();
    }
  }

  private changed(): void {
    if (this.telling) return;
    this.telling = true;
    setTimeout(() => {
      this.telling = false;
      this.items = [...this.byId.values()];
      noteTwins(this.items);
      for (const listener of this.listeners) listener();
    }, TELL_EVERY_MS);
  }
}

function newItem(name: string, blind: boolean, atMs: number, place: number): Item {
  return {
    id: `${atMs}-${String(place).padStart(6, '0')}-${randomHex(4)}`,
    ...{ name, addedAtMs: atMs, stage: 'hashing', hashedBytes: 0 },
    ...(blind ? { blinding: randomHex(16) } : {}),
  };
}

/** What was added together keeps its order, which its ids tell. */
function newestFirst(a: Stamp, b: Stamp): number {
  return b.addedAtMs - a.addedAtMs || (a.id < b.id ? -1 : 1);
}

/** Says of each item which older one has the same content. */
function noteTwins(items: readonly Item[]): void {
  const first = new Map<string, Item>();
  for (const item of items.toSorted((a, b) => a.addedAtMs - b.addedAtMs)) {
    if (item.digest === undefined) continue;
    const older = first.get(item.digest);
    if (older === undefined) first.set(item.digest, item);
    else item.sameAs = older.name === '' ? item.digest : older.name;
  }
}

function fail(item: Item, kind: ItemFault['kind'], error: unknown): void {
  item.stage = 'failed';
  item.fault = { kind, message: error instanceof Error ? error.message : String(error) };
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}
