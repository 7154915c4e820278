import type { Stamp } from './stamp.js';

/** What was stamped on this device, kept between visits. */
export interface Memory {
  /** Everything that was kept. Rejects where the browser keeps nothing. */
  load(): Promise<Stamp[]>;
  /** Kept once it resolves. */
  keep(stamps: readonly Stamp[]): Promise<void>;
  forget(ids: readonly string[]): Promise<void>;
  forgetAll(): Promise<void>;
}

const NAME = 'chronos';
const STORE = 'stamps';

/** In IndexedDB: proofs of thousands of files are more than localStorage takes. */
export class DeviceMemory implements Memory {
  private opening: Promise<IDBDatabase> | undefined;

  load(): Promise<Stamp[]> {
    return this.run('readonly', (store) => store.getAll() as IDBRequest<Stamp[]>);
  }

  keep(stamps: readonly Stamp[]): Promise<void> {
    return this.run('readwrite', (store) => {
      for (const stamp of stamps) store.put(stamp);
      return undefined;
    });
  }

  forget(ids: readonly string[]): Promise<void> {
    return this.run('readwrite', (store) => {
      for (const id of ids) store.delete(id);
      return undefined;
    });
  }

  forgetAll(): Promise<void> {
    return this.run('readwrite', (store) => {
      store.clear();
      return undefined;
    });
  }

  private async run<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest<T> | undefined,
  ): Promise<T> {
    const database = await (this.opening ??= open());
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => {
        resolve(request?.result as T);
      };
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('the browser broke off'));
      };
    });
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: 'id' });
    };
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('the browser keeps nothing'));
    };
  });
}
