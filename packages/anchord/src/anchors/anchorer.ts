import type { Chain, ChainHealth } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { AnchorStore } from '../store/anchors.js';

export interface AnchorerOptions {
  store: AnchorStore;
  chain: Chain;
  clock: Clock;
  logger: Logger;
  /** A window is final when all of these hold its root. */
  requiredChains: readonly string[];
  timing?: Partial<AnchorTiming>;
  /** Told after the windows were recorded as final. */
  onFinal?: (windows: number[]) => void;
}

export interface AnchorTiming {
  /** Between two looks at the chain while something is in flight; varied by a fifth. */
  pollMs: number;
  /** A transaction that the chain does not know is sent again after this long. */
  rebroadcastAfterMs: number;
  /** One that is in no block after this long is replaced by a dearer one. */
  stuckAfterMs: number;
  /** How long the endpoints must tell the same before a transaction is given up for lost. */
  lostAfterMs: number;
  /** The longest pause while the chain is unreachable, or while it waits for the operator. */
  maxBackoffMs: number;
}

export interface AnchorerState {
  state: 'ok' | 'waiting' | 'unreachable' | 'stopped';
  /** What is wrong and what to do, for the operator. */
  detail?: string;
  pendingAttempts: number;
  unanchored: number;
  lastHealth?: ChainHealth;
}

/** Brings the roots of closed windows onto one chain. */
export interface Anchorer {
  start(): void;
  /** A window was closed. */
  wake(): void;
  state(): AnchorerState;
  /** Resolves when the step that was under way has ended. */
  close(): Promise<void>;
}

export function createAnchorer(_options: AnchorerOptions): Anchorer {
  throw new Error('not written yet');
}
