import { ChronosError } from './errors.js';
import type { NoAnswerFault } from './json-rpc.js';
import type { Anchor, Proof } from './proof.js';
import type { VerifyCode } from './verify-codes.js';
import { plainAddress } from './zilliqa-address.js';

/** A transaction as a chain tells it: all that verifying an anchor needs. Windows are bigint, as the contract's are uint64. */
export interface ChainTransaction {
  succeeded: boolean;
  /** Whether its block is final and the one that the chain has at that height. */
  final: boolean;
  block: { number: number; hash: string; timeMs: number };
  /** The `Anchored` events in it, with the address of the contract that emitted each; roots are 64 lower-case hex digits. */
  anchored: { contract: string; window: bigint; root: string }[];
}

/** Reads one chain through one endpoint. */
export interface ChainReader {
  /** The chain as proofs name it, `eip155:32769` for one. */
  readonly chain: string;
  /** The endpoint, as it may be shown to people: without a password. */
  readonly endpoint: string;
  /** The transaction, or undefined where the chain has none of this id in a block. Throws `chain_unreachable` for anything but a clear answer. */
  findTransaction(id: string): Promise<ChainTransaction | undefined>;
}

/** What is wrong with an anchor or an endpoint, closer than the code tells it, for those who say it in other words than ours. */
export type AnchorProblem =
  'failed' | 'no_event' | 'other_root' | 'block_number' | 'block_hash' | 'block_time' | 'other_chain' | NoAnswerFault;

/** What an anchor holds of a proof: the window and its root. */
export interface AnchoredPart {
  window: Pick<Proof['window'], 'id'>;
  inclusion?: Pick<NonNullable<Proof['inclusion']>, 'root'> | undefined;
}

/** What one endpoint says of one anchor. */
export type AnchorOutcome =
  { ok: true; message: string } | { ok: false; code: VerifyCode; message: string; problem?: AnchorProblem };

/** Holds one anchor of a proof against one endpoint of its chain. DESIGN section 4. */
export async function checkAnchor(reader: ChainReader, anchor: Anchor, proof: AnchoredPart): Promise<AnchorOutcome> {
  const refused = (code: VerifyCode, why: string, problem?: AnchorProblem): AnchorOutcome => ({
    ok: false,
    code,
    message: `${reader.endpoint}: ${why}`,
    ...(problem === undefined ? {} : { problem }),
  });
  let transaction: ChainTransaction | undefined;
  try {
    transaction = await reader.findTransaction(anchor.transaction);
  } catch (error) {
    if (!(error instanceof ChronosError) || error.code !== 'chain_unreachable') throw error;
    const { servedChain, fault } = error.details;
    const problem = servedChain === undefined ? (fault as NoAnswerFault | undefined) : 'other_chain';
    return refused('chain_unreachable', error.message, problem);
  }
  if (transaction === undefined)
    return refused('anchor_not_found', `${anchor.chain} has no transaction ${anchor.transaction} in a block`);
  const difference = anchorDifference(transaction, anchor, proof);
  if (difference !== undefined) return refused('anchor_mismatch', difference.why, difference.problem);
  if (!transaction.final)
    return refused('not_final', `block ${anchor.block.number} is not final yet; ask again in a few seconds`);
  return {
    ok: true,
    message: `${reader.endpoint}: ${anchor.chain} holds the root in block ${anchor.block.number}, final, made at ${anchor.block.time}`,
  };
}

interface Difference {
  problem: AnchorProblem;
  why: string;
}

function anchorDifference(transaction: ChainTransaction, anchor: Anchor, proof: AnchoredPart): Difference | undefined {
  const { block } = transaction;
  const contract = plainAddress(anchor.contract);
  const differs = (problem: AnchorProblem, why: string): Difference => ({ problem, why });
  if (!transaction.succeeded) return differs('failed', 'the transaction failed on the chain, so it anchored nothing');
  const fromContract = transaction.anchored.filter((event) => plainAddress(event.contract) === contract);
  if (fromContract.length === 0)
    return differs('no_event', `the transaction holds no Anchored event of contract ${anchor.contract}`);
  if (!fromContract.some((event) => event.root === proof.inclusion?.root && event.window === BigInt(proof.window.id)))
    return differs('other_root', 'the transaction anchors neither this window nor this root');
  if (block.number !== anchor.block.number)
    return differs('block_number', `the transaction is in block ${block.number}, not ${anchor.block.number}`);
  if (plainAddress(block.hash) !== plainAddress(anchor.block.hash))
    return differs('block_hash', `block ${block.number} has hash ${block.hash}, not ${anchor.block.hash}`);
  if (block.timeMs !== Date.parse(anchor.block.time)) {
    const made = new Date(block.timeMs).toISOString();
    return differs('block_time', `block ${block.number} was made at ${made}, not at ${anchor.block.time}`);
  }
  return undefined;
}
