import { ChronosError } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Chain, SignedTransaction, SignResult } from './chain.js';

export interface WaitOptions {
  clock: Clock;
  signal?: AbortSignal;
  pollMs?: number;
  /** How long the transaction may take until it is final. */
  finalWithinMs?: number;
}

/** A transaction that succeeded, in a final block. */
export interface FinalTransaction {
  transactionId: string;
  blockNumber: number;
}

export interface Deployment extends FinalTransaction {
  /** Of the contract, as its chain writes it: on the EVM with its EIP-55 checksum. */
  address: string;
}

/** How a transaction is spoken of. */
export interface Purpose {
  /** With its article: "the deployment". */
  title: string;
  /** What holds if it becomes final later than was waited for. */
  ifFinalLater: string;
}

/** Looks in a row at which the chain has another transaction in the place of ours: an endpoint that lags is waited for. */
const LOOKS_UNTIL_DISPLACED = 10;

/** Brings a signed transaction of the operator's into a final block. One that did not become final in time is told with what it was. */
export async function waitUntilFinal(
  network: Pick<Chain, 'findTransaction' | 'broadcast'>,
  { transactionId, nonce, signedBytes }: SignedTransaction,
  { title, ifFinalLater }: Purpose,
  { clock, signal = new AbortController().signal, pollMs = 1000, finalWithinMs = 300_000 }: WaitOptions,
): Promise<FinalTransaction> {
  const deadlineMs = clock.monotonicMs() + finalWithinMs;
  let displaced = 0;
  let last: unknown;
  while (clock.monotonicMs() < deadlineMs && !signal.aborted) {
    try {
      const found = await network.findTransaction(transactionId);
      if (found.state === 'included' && found.final) {
        const blockNumber = found.block.number;
        if (found.succeeded) return { transactionId, blockNumber };
        throw new ChronosError('invalid_settings', `${title} ${transactionId} failed in block ${blockNumber}`);
      }
      if (found.state === 'absent') {
        // The same bytes each time: however often they are sent, it happens once and is paid for once.
        const sent = await network.broadcast(signedBytes);
        if (sent.result === 'refused') throw new ChronosError('wallet_unusable', `${title} is refused: ${sent.detail}`);
        displaced = sent.result === 'nonce_used' ? displaced + 1 : 0;
        if (displaced === LOOKS_UNTIL_DISPLACED) throw displacedBy(title, nonce);
      }
    } catch (error) {
      if (!(error instanceof ChronosError) || error.code !== 'chain_unreachable') throw error;
      last = error;
    }
    await clock.sleep(pollMs, signal);
  }
  const message = `transaction ${transactionId} is not final yet; if it becomes so, ${ifFinalLater}`;
  throw new ChronosError('chain_unreachable', message, {}, last);
}

function displacedBy(title: string, nonce: bigint): ChronosError {
  const message =
    `another transaction of the account has taken nonce ${nonce}, and ${title} can no longer happen: ` +
    `if anchord runs with the same key, "anchord admin pause" it; then try again`;
  return new ChronosError('wallet_unusable', message);
}

/** Why nothing was signed. */
export function notSigned({ reason, detail }: Extract<SignResult, { result: 'refused' }>): ChronosError {
  return new ChronosError(reason === 'insufficient_funds' ? 'wallet_unusable' : 'invalid_settings', detail);
}
