import type { Anchor } from '@chronos/shared';
import { formatUnits } from 'ethers';
import type { EndpointEvent, EndpointState } from './endpoint-health.js';

export type { EndpointEvent, EndpointFault, EndpointState } from './endpoint-health.js';

// The port between anchoring and a chain. An adapter translates; it decides nothing and keeps nothing that must survive.
//
// Every method throws `chain_unreachable` where the chain gave neither yes nor no: a time-out, a rate limit, HTML, endpoints that
// contradict each other. The caller then stops and reconciles later; it never takes silence for an answer.

/** One root to write: DESIGN section 5. */
export interface RootToAnchor {
  window: number;
  root: Uint8Array;
  logSize: number;
  logRoot: Uint8Array;
}

export type RootOfWindow = Pick<RootToAnchor, 'window' | 'root'>;

export interface FoundAnchor {
  anchor: Anchor;
  /** Which of the windows asked for it carries. */
  windows: number[];
}

export interface SignedTransaction {
  transactionId: string;
  nonce: bigint;
  signedBytes: Uint8Array;
  /** The adapter's own terms, as JSON, kept with the attempt; `sign` takes them back to make a dearer one. */
  fee: string;
}

/** What a chain knows of a transaction. `absent` says only that it is not known now: it may still come. */
export type TransactionStatus =
  | { state: 'absent' }
  | { state: 'pending' }
  /** In a block that the chain may still take back; not every chain tells which. */
  | { state: 'included'; final: false; succeeded?: boolean; block?: Anchor['block'] }
  | { state: 'included'; final: true; succeeded: boolean; block: Anchor['block'] };

export type BroadcastResult =
  /** Taken, or known already. */
  | { result: 'accepted' }
  /** The nonce is used up: by this transaction (then it is found), a replaced attempt, or somebody with the same key. */
  | { result: 'nonce_used' }
  /** A clear no, in the chain's words: no funds, fee too low, native transactions switched off, … */
  | { result: 'refused'; reason: RefusalReason; detail: string };

export type RefusalReason = 'insufficient_funds' | 'fee_too_low' | 'not_accepted_by_network' | 'other';

/** `fee_above_limit`: what the chain wants, or what a replacement needs, is more than the operator allows to pay. */
export type SignResult =
  | { result: 'signed'; transaction: SignedTransaction }
  | { result: 'refused'; reason: 'fee_above_limit' | 'insufficient_funds'; detail: string };

/** Whether the contract would take these anchors now. */
export type AnchorForecast =
  | { result: 'ok'; gasLimit: bigint }
  | { result: 'already_anchored' }
  | { result: 'refused'; reason: RefusalReason | 'not_owner'; detail: string };

export interface ChainHealth {
  /** The newest block and the newest final one that any endpoint knows of. */
  height: number;
  finalHeight: number;
  /** In the chain's smallest unit: what the account holds, and the most that one anchor costs at the present fee. */
  balance: bigint;
  anchorCost: bigint;
  /** How many single anchors the balance pays for. */
  anchorsAffordable: number;
}

/** What a health says of money. */
export function affordable(
  balance: bigint,
  anchorCost: bigint,
): Pick<ChainHealth, 'balance' | 'anchorCost' | 'anchorsAffordable'> {
  const anchorsAffordable = anchorCost === 0n ? Number.MAX_SAFE_INTEGER : Number(balance / anchorCost);
  return { balance, anchorCost, anchorsAffordable };
}

/** An amount in a chain's smallest unit, in ZIL, for people to read. */
export function inZil(amount: bigint, decimals: number): string {
  return formatUnits(amount, decimals).replace(/\.0$/, '');
}

export interface Chain {
  readonly type: Anchor['type'];
  /** As proofs name it: `eip155:32769`. */
  readonly chain: string;
  readonly contract: string;
  /** The account that pays, as the chain writes it. */
  readonly account: string;
  /** How many of its smallest unit make a ZIL, as a power of ten. */
  readonly decimals: number;
  /** The most roots that one transaction can carry. */
  readonly maxAnchorsPerTransaction: number;

  /** Makes sure that the endpoints serve this chain and that the contract is there. Throws `invalid_settings` where they do not. */
  check(): Promise<void>;
  health(): Promise<ChainHealth>;
  /** The nonce that the account's next transaction has in final state: every lower one is used up for ever. */
  finalNonce(): Promise<bigint>;
  /** Asks the contract whether it would take these anchors, without sending anything. */
  forecast(anchors: readonly RootToAnchor[]): Promise<AnchorForecast>;
  /** Signs; sends nothing. `replaces` is the fee of an earlier attempt with this nonce: the new fee is higher by what the chain wants. */
  sign(anchors: readonly RootToAnchor[], nonce: bigint, gasLimit: bigint, replaces?: string): Promise<SignResult>;
  broadcast(signedBytes: Uint8Array): Promise<BroadcastResult>;
  findTransaction(transactionId: string): Promise<TransactionStatus>;
  /**
   * The final anchors of those roots that the contract says it has, whoever sent them: by transaction. Left out are roots that the contract
   * has not, or not finally. It asks a few things at a time, so that hundreds of roots flood no endpoint.
   */
  findAnchors(roots: readonly RootOfWindow[]): Promise<FoundAnchor[]>;
  /** The id of the window that the contract anchored last, by its final state; 0 before the first. */
  latestWindow(): Promise<bigint>;
  /** The most that a signed transaction may cost, in the chain's smallest unit. */
  highestCost(signedBytes: Uint8Array): bigint;
  /** Whom to tell of what happens at the endpoints; one at a time. */
  listen(listener: (event: EndpointEvent) => void): void;
  /** How each endpoint does, in the order set. */
  endpoints(): EndpointState[];
  close(): void;
}
