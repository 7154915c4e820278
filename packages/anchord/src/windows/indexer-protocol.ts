// What the main thread and the indexer's thread say to each other.

/** A window's digests: the leaves stand at the places from `firstPlace` on. */
export interface WindowSpan {
  window: number;
  firstPlace: number;
}

/** What the index keeps of a closed window. */
export interface IndexedWindow {
  treeSize: number;
  /** By it an index is held against its store: it stands for this window and all before. */
  logRoot: Uint8Array;
}

/** What the main thread asks for; each is answered once, in any order. */
export type IndexerCall =
  /** Take the window's digests that are in the store by now into its tree. */
  | ({ op: 'advance' } & WindowSpan)
  /** The dcrtime-style root of the window's first `count` digests. */
  | ({ op: 'dcrtimeRoot'; count: number } & WindowSpan)
  /** Complete the tree of `treeSize` leaves, store its tiles (unless its root is another than the one expected) and answer its root. */
  | ({ op: 'finish'; treeSize: number; expectedRoot?: Uint8Array } & WindowSpan)
  /** Put the window's digests into the index. */
  | ({ op: 'index' } & WindowSpan & IndexedWindow);

export type ToIndexer = { id: number; call: IndexerCall } | { stop: true };

export type FromIndexer =
  | { ready: true }
  | { id: number; root?: Uint8Array }
  | { id: number; error: string; code?: string }
  /** The thread can do no more: the derived file has to be made again. */
  | { indexDamaged: string }
  /** The store's write-ahead log could not be copied; it is tried again. */
  | { checkpointFault: { message: string; code: string } }
  /** A filter over all that the index holds, kept up to date by the thread. */
  | { filter: SharedArrayBuffer }
  /** The store's write-ahead log was copied into the store but for `left` pages of `pages`. */
  | { checkpoint: { pages: number; left: number } };
