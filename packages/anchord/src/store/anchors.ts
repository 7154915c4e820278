import type { Anchor } from '@chronos/shared';
import type { Store } from './store.js';

export type AttemptState = 'signed' | 'broadcast' | 'included' | 'final' | 'failed';

/** A signed transaction that carries the roots of `windows` (ascending). */
export interface Attempt {
  chain: string;
  transactionId: string;
  contract: string;
  nonce: bigint;
  signedBytes: Uint8Array;
  /** The chain adapter's own terms; what it needs to make a dearer replacement. */
  fee: string;
  state: AttemptState;
  reason?: string;
  signedAtMs: number;
  broadcastAtMs?: number;
  windows: number[];
}

/** A closed window's root and its place in the log: what an anchor writes on the chain. */
export interface ClosedWindow {
  id: number;
  root: Uint8Array;
  /** The log's size and root up to and with this window. */
  logSize: number;
  logRoot: Uint8Array;
}

/** What anchoring records. Each method is one transaction, durable once it returns; `record…` methods throw rather than record twice. */
export interface AnchorStore {
  /** The closed windows that this chain has still to anchor, oldest first. */
  findUnanchored(chain: string, limit: number): ClosedWindow[];
  countUnanchored(chain: string): number;
  /** Attempts that may still come onto the chain, by nonce, then by age. */
  findUnfinishedAttempts(chain: string): Attempt[];
  /** The highest nonce that was ever signed for this chain, of whatever state. */
  findHighestNonce(chain: string): bigint | undefined;
  recordSigned(attempt: Omit<Attempt, 'state' | 'reason' | 'broadcastAtMs'>): void;
  recordBroadcast(chain: string, transactionId: string, atMs: number): void;
  recordState(chain: string, transactionId: string, state: 'included' | 'broadcast'): void;
  recordFailed(chain: string, transactionId: string, reason: string): void;
  /**
   * The anchor of `windows` is final: it is recorded for each, each leaves `unanchored`, and a window that no required chain has still to
   * anchor becomes final. The attempt of this transaction, where we have one, becomes final. Returns the windows that became final.
   */
  recordFinal(anchor: Anchor, windows: readonly number[], requiredChains: readonly string[], atMs: number): number[];
  findAnchors(window: number): Anchor[];
}

export function openAnchorStore(_store: Store): AnchorStore {
  throw new Error('not written yet');
}
