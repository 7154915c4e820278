/** What the page tells a hashing worker. */
export type ToWorker = { id: number; file: Blob } | { cancel: number };

/** What the worker tells the page. `fault` is the name of the browser's error. */
export type FromWorker =
  | { id: number; hashedBytes: number }
  | { id: number; digest: string }
  | { id: number; cancelled: true }
  | { id: number; fault: string };
