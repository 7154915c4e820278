import { formatProof, parseProof, type Proof } from '../service/shared.js';
import { Hasher, type HashWorker, Unreadable } from '../stamping/hasher.js';
import { NOTHING_RUN, type Run, runChecks } from './checks.js';
import { type DocumentFile, readDropped } from './dropped.js';
import { type Asked, type Given, type Pair, pairUp } from './pairs.js';

const MOST_WORKERS = 2;

/** What stands on the verify page. `complete`: the proof came from the service and is worth saving. */
export interface Shown extends Pair {
  run?: Run;
  isCompleted?: boolean;
}

/** Takes files and digests, puts documents and proofs together, and verifies each pair as soon as it is one. */
export class Desk {
  private asked: Asked[] = [];
  private given: Given[] = [];
  private readonly runs = new Map<string, Run>();
  private readonly completed = new Set<string>();
  private readonly cancels = new Map<string, AbortController>();
  private readonly hasher: Hasher;
  private nextId = 0;
  private round = 0;

  /** `onChange` is called after every change; {@link shown} is what there is to see then. */
  constructor(
    startWorker: () => HashWorker,
    private readonly endpoints: (chain: string) => readonly string[],
    private readonly onChange: () => void,
  ) {
    // Started now, as long as the service is there to fetch their code from: from then on the page needs it no more.
    const workers = Math.min(MOST_WORKERS, Math.max(1, navigator.hardwareConcurrency - 1));
    const ready = Array.from({ length: workers }, startWorker);
    this.hasher = new Hasher(() => ready.pop() ?? startWorker(), workers);
  }

  get shown(): Shown[] {
    return pairUp(this.asked, this.given).map((pair) => {
      const run = this.runs.get(keyOf(pair) ?? '');
      return {
        ...pair,
        ...(run === undefined ? {} : { run }),
        ...(pair.given !== undefined && this.completed.has(pair.given.id) ? { isCompleted: true } : {}),
      };
    });
  }

  async add(files: readonly File[]): Promise<void> {
    for (const file of files) {
      const id = this.newId();
      let dropped;
      try {
        dropped = await readDropped(file);
      } catch {
        // It cannot be read: told as such.
        this.asked = [...this.asked, { id, name: file.name, size: file.size, hashedBytes: 0, isUnreadable: true }];
        continue;
      }
      if (dropped.kind === 'proof') this.given = [...this.given, { ...dropped, id }];
      else this.addDocument(id, dropped);
    }
    this.update();
  }

  addDigest(digest: string): void {
    if (this.asked.some((one) => one.name === undefined && one.digest === digest)) return;
    this.asked = [...this.asked, { id: this.newId(), digest, hashedBytes: 0 }];
    this.update();
  }

  /** Puts a proof in the place of one, or beside what is there. */
  putProof(proof: Proof, name: string, instead?: string): void {
    const text = formatProof(proof);
    const id = this.newId();
    this.given = [
      ...this.given.filter((one) => one.id !== instead),
      { kind: 'proof', id, name, text, proof: parseProof(text) },
    ];
    this.completed.add(id);
    this.update();
  }

  remove(pair: Pair): void {
    this.cancels.get(pair.asked?.id ?? '')?.abort();
    this.asked = this.asked.filter(({ id }) => id !== pair.asked?.id);
    // The proof of two copies of a document stays for the other one.
    const isShared = this.shown.some(({ asked, given }) => asked !== undefined && given === pair.given);
    if (!isShared) this.given = this.given.filter(({ id }) => id !== pair.given?.id);
    this.update();
  }

  clear(): void {
    for (const cancel of this.cancels.values()) cancel.abort();
    this.asked = [];
    this.given = [];
    this.runs.clear();
    this.update();
  }

  /** Verifies everything anew. */
  again(): void {
    this.round++;
    this.runs.clear();
    this.update();
  }

  private addDocument(id: string, { name, file, foreign }: DocumentFile): void {
    const cancel = new AbortController();
    this.cancels.set(id, cancel);
    this.asked = [
      ...this.asked,
      { id, name, size: file.size, hashedBytes: 0, ...(foreign === undefined ? {} : { foreign }) },
    ];
    const change = (part: Partial<Asked>) => {
      this.asked = this.asked.map((one) => (one.id === id ? { ...one, ...part } : one));
      this.update();
    };
    const onProgress = (hashedBytes: number) => {
      change({ hashedBytes });
    };
    this.hasher.hash(file, { onProgress, signal: cancel.signal }).then(
      (digest) => {
        change({ digest });
      },
      (error: unknown) => {
        if (error instanceof Unreadable) change({ isUnreadable: true });
        else if (!cancel.signal.aborted) throw error;
      },
    );
  }

  private update(): void {
    for (const pair of pairUp(this.asked, this.given)) this.verify(pair);
    this.onChange();
  }

  private verify(pair: Pair): void {
    const { asked, given } = pair;
    const key = keyOf(pair);
    if (asked?.digest === undefined || given === undefined || key === undefined || this.runs.has(key)) return;
    this.runs.set(key, NOTHING_RUN);
    const round = this.round;
    void runChecks({ digest: asked.digest, proofText: given.text, endpoints: this.endpoints }, (run) => {
      // An answer to what was asked before the last "check again" says nothing of what is asked now.
      if (round !== this.round || !this.runs.has(key)) return;
      this.runs.set(key, run);
      this.onChange();
    });
  }

  private newId(): string {
    return String(this.nextId++);
  }
}

/** What a run belongs to: this digest with this proof. */
function keyOf({ asked, given }: Pair): string | undefined {
  return asked?.digest === undefined || given === undefined ? undefined : `${asked.digest} ${given.id}`;
}
