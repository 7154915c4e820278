import type { Anchor } from '@chronos/shared';
import type { EndpointEvent } from '../chain/chain.js';

/** A signed transaction, as the operator is told of it. */
export interface AttemptNote {
  transaction: string;
  nonce: bigint;
  /** How many windows it carries. */
  windows: number;
  /** The most that it may cost. */
  costZil: string;
}

/** Why an attempt came to nothing. */
export type FailureCause =
  /** The contract refused it, in a block: paid for in vain. */
  | 'reverted'
  /** A rival with its nonce is final; nothing is lost. */
  | 'superseded'
  /** Somebody else with the key, or a later store, used its nonce. */
  | 'nonce_taken'
  /** The wallet is another now. */
  | 'key_changed';

/** Why anchoring does not go on; docs/operations.md says of each what to do. */
export const TROUBLE_CAUSES = [
  'unreachable',
  'insufficient_funds',
  'fee_above_limit',
  'fee_too_low',
  'not_owner',
  'not_accepted_by_network',
  'not_final_yet',
  'nonce_behind',
  'settings',
  'other',
  'internal',
] as const;

export type TroubleCause = (typeof TROUBLE_CAUSES)[number];

export interface Trouble {
  state: 'waiting' | 'unreachable' | 'stopped';
  cause: TroubleCause;
  /** What is wrong and what to do. */
  detail: string;
  /** The fault inside. */
  err?: unknown;
}

/** What happens in the anchoring of one chain; told after it was recorded. Counted by `event`, and logged by {@link logLineOf}. */
export type AnchorEvent =
  | ({ event: 'signed' } & AttemptNote)
  /** Signed with the nonce of an earlier one, at a higher fee; one of the two will be in a block. */
  | ({ event: 'replaced'; replaces: string; by: 'operator' | 'timing' | 'refusal' } & AttemptNote)
  | ({ event: 'broadcast'; again: boolean } & AttemptNote)
  | ({ event: 'included' } & AttemptNote)
  | ({ event: 'taken_back' } & AttemptNote)
  | { event: 'final'; transaction: string; block: Anchor['block']; windows: number }
  | ({ event: 'failed'; cause: FailureCause; reason: string } & AttemptNote)
  /** Roots that the contract had already, from a transaction that this store knows nothing of, or gave up. */
  | { event: 'adopted'; transactions: string[]; windows: number }
  | ({ event: 'trouble_begins'; repeats: boolean } & Trouble)
  | { event: 'trouble_ends'; cause: TroubleCause; lastedMs: number; repeats: boolean }
  | { event: 'paused' }
  | { event: 'resumed' }
  | { event: 'balance_low'; balanceZil: string; anchorsAffordable: number; threshold: number }
  | { event: 'balance_restored'; balanceZil: string; anchorsAffordable: number }
  /** No endpoint has seen a new block for a while. */
  | { event: 'chain_halted'; height: number; forMs: number }
  | { event: 'chain_moves'; height: number; lastedMs: number }
  | EndpointEvent;

export type AnchorEventName = AnchorEvent['event'];
