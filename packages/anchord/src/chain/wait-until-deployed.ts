import { ChronosError } from '@chronos/shared';
import type { Clock } from '../clock.js';
import type { Chain, SignedTransaction, SignResult } from './chain.js';

export interface WaitOptions {
  clock: Clock;
  signal?: AbortSignal;
  pollMs?: number;
  /** How long the deployment may take until it is final. */
  finalWithinMs?: number;
}

export interface Deployment {
  /** Of the contract, as its chain writes it: on the EVM with its EIP-55 checksum. */
  address: string;
  transactionId: string;
  blockNumber: number;
}

/** Brings a signed deployment into a final block. A deployment that did not become final in time is told with what it was. */
export async function waitUntilDeployed(
  network: Pick<Chain, 'findTransaction' | 'broadcast'>,
  { transactionId, signedBytes }: SignedTransaction,
  address: string,
  { clock, signal = new AbortController().signal, pollMs = 1000, finalWithinMs = 300_000 }: WaitOptions,
): Promise<Deployment> {
  const deadlineMs = clock.monotonicMs() + finalWithinMs;
  let last: unknown;
  while (clock.monotonicMs() < deadlineMs && !signal.aborted) {
    try {
      const found = await network.findTransaction(transactionId);
      if (found.state === 'included' && found.final) {
        const blockNumber = found.block.number;
        if (found.succeeded) return { address, transactionId, blockNumber };
        throw new ChronosError('invalid_settings', `the deployment ${transactionId} failed in block ${blockNumber}`);
      }
      if (found.state === 'absent') {
        // The same bytes each time: however often they are sent, there is one contract and one payment.
        const sent = await network.broadcast(signedBytes);
        if (sent.result === 'refused')
          throw new ChronosError('wallet_unusable', `the deployment is refused: ${sent.detail}`);
      }
    } catch (error) {
      if (!(error instanceof ChronosError) || error.code !== 'chain_unreachable') throw error;
      last = error;
    }
    await clock.sleep(pollMs, signal);
  }
  const message = `transaction ${transactionId} is not final yet; if it becomes so, the contract is at ${address}`;
  throw new ChronosError('chain_unreachable', message, {}, last);
}

/** Why a deployment was not signed. */
export function notDeployed({ reason, detail }: Extract<SignResult, { result: 'refused' }>): ChronosError {
  return new ChronosError(reason === 'insufficient_funds' ? 'wallet_unusable' : 'invalid_settings', detail);
}
