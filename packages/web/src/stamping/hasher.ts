import type { FromWorker, ToWorker } from './hash-messages.js';

/** A worker as far as it is used here. */
export interface HashWorker {
  postMessage(message: ToWorker): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** The file could not be read: it is gone, changed, a folder, or not ours to read. */
export class Unreadable extends Error {}

/** Hashing was cancelled. */
export class Cancelled extends Error {}

interface Job {
  id: number;
  file: Blob;
  onProgress: (hashedBytes: number) => void;
  resolve: (digest: string) => void;
  reject: (error: Error) => void;
}

/** More than these only make a disk seek; thousands of small files still keep them all busy. */
const MOST_WORKERS = 4;

/** SHA-256 of files, in workers, the first come first. Workers are started when they are needed. */
export class Hasher {
  private readonly queue: Job[] = [];
  private readonly busy = new Map<HashWorker, Job>();
  private readonly idle: HashWorker[] = [];
  private nextId = 0;

  constructor(
    private readonly startWorker: () => HashWorker,
    private readonly workers = Math.min(MOST_WORKERS, Math.max(1, navigator.hardwareConcurrency - 1)),
  ) {}

  /** 64 hex digits. Rejects with {@link Unreadable}, or {@link Cancelled} once `signal` aborts. */
  hash(file: Blob, { onProgress, signal }: { onProgress: (hashedBytes: number) => void; signal: AbortSignal }) {
    return new Promise<string>((resolve, reject) => {
      const job = { id: this.nextId++, file, onProgress, resolve, reject };
      this.queue.push(job);
      signal.addEventListener('abort', () => {
        this.cancel(job);
      });
      this.run();
    });
  }

  private cancel(job: Job): void {
    const waiting = this.queue.indexOf(job);
    if (waiting >= 0) this.queue.splice(waiting, 1);
    for (const [worker, { id }] of this.busy) if (id === job.id) worker.postMessage({ cancel: id });
    job.reject(new Cancelled());
  }

  private run(): void {
    while (this.queue.length > 0 && this.busy.size < this.workers) {
      const worker = this.idle.pop() ?? this.newWorker();
      const job = this.queue.shift()!;
      this.busy.set(worker, job);
      worker.postMessage({ id: job.id, file: job.file });
    }
  }

  private newWorker(): HashWorker {
    const worker = this.startWorker();
    worker.onmessage = ({ data }) => {
      const job = this.busy.get(worker);
      if (job?.id !== data.id) return;
      if ('hashedBytes' in data) {
        job.onProgress(data.hashedBytes);
        return;
      }
      if ('digest' in data) job.resolve(data.digest);
      if ('fault' in data) job.reject(new Unreadable(data.fault));
      this.busy.delete(worker);
      this.idle.push(worker);
      this.run();
    };
    // Its code could not be loaded, or it broke: it is not used again.
    worker.onerror = () => {
      const job = this.busy.get(worker);
      this.busy.delete(worker);
      job?.reject(new Unreadable('the hashing worker failed'));
      this.run();
    };
    return worker;
  }
}
