import { type ChainTransaction, ChronosError, JsonRpcError, quantity, toHex } from '@chronos/shared';
import { parseUnits, Transaction } from 'ethers';
import { z } from 'zod';
import { type Clock, systemClock } from '../clock.js';
import {
  affordable,
  type AnchorForecast,
  type Chain,
  type ChainHealth,
  type FoundAnchor,
  type RootOfWindow,
  type RootToAnchor,
} from './chain.js';
import { readEvmNumber } from './contract-view.js';
import { Endpoints, type EndpointsOptions, type Rpc } from './endpoints.js';
import { broadcastRaw } from './evm-broadcast.js';
import { anchorsInterface, forecastOf } from './evm-errors.js';
import { bigQuantity, readMarketFee } from './evm-fees.js';
import { findAnchorTransactions } from './evm-find-anchor.js';
import { signCall } from './evm-sign.js';
import { findEvmTransaction } from './evm-transaction.js';
import { fewAtATime } from './few-at-a-time.js';
import type { Wallet } from './wallet.js';

export interface EvmChainOptions {
  /** At least one; reads fail over in this order. */
  rpcUrls: readonly string[];
  /** As proofs name it: `eip155:32769`. */
  chain: string;
  /** The anchor contract, `0x…`. */
  contract: string;
  wallet: Wallet;
  /** The most that a unit of gas may cost. */
  maxFeeGwei: number;
  /** How long one endpoint may take to answer a call. */
  timeoutMs?: number;
  clock?: Clock;
  onCall?: EndpointsOptions['onCall'] | undefined;
}

/** The most that the contract takes at once: a backlog goes out in few transactions. DESIGN section 5. */
const MAX_ANCHORS = 256;
/** What anchoring one root takes at most, without the first of a contract. */
const SINGLE_ANCHOR_GAS = 80_000n;

const code = z.string().regex(/^0x[0-9a-fA-F]*$/);
const word = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
const heightSchema = z.looseObject({ number: quantity });

/** The chain port for Zilliqa's EVM, or any other EVM chain that has the `finalized` block tag. */
export function createEvmChain(options: EvmChainOptions): Chain {
  const { chain, wallet, maxFeeGwei, timeoutMs = 10_000, clock = systemClock, onCall } = options;
  const contract = options.contract.toLowerCase();
  const signer = { wallet, chain, maxFeeWei: parseUnits(maxFeeGwei.toString(), 'gwei') };
  const endpoints = new Endpoints({ rpcUrls: options.rpcUrls, chain, timeoutMs, clock, onCall });

  return {
    type: 'zilliqa-evm',
    chain,
    contract,
    account: wallet.address,
    decimals: 18,
    maxAnchorsPerTransaction: MAX_ANCHORS,
    async check() {
      await endpoints.check();
      const fault = await endpoints.first((rpc) => contractFault(rpc, contract));
      if (fault !== undefined)
        throw notOurs(
          contract,
          `${fault} on ${chain}: deploy one with "anchord deploy-contract", or correct its address`,
        );
    },
    async health() {
      const heights = endpoints.compare(await endpoints.each(readHeights));
      return { ...heights, ...(await endpoints.first((rpc) => readBalance(rpc, wallet.address))) };
    },
    async finalNonce() {
      const nonces = await endpoints.all((rpc) =>
        rpc.call('eth_getTransactionCount', [wallet.address, 'finalized'], bigQuantity),
      );
      // The least: a nonce is used up when every endpoint has seen it used.
      return nonces.reduce((least, nonce) => (nonce < least ? nonce : least));
    },
    forecast: (anchors) => endpoints.first((rpc) => forecast(rpc, wallet.address, contract, encode(anchors))),
    sign: (anchors, nonce, gasLimit, replaces) =>
      endpoints.first((rpc) =>
        signCall(rpc, signer, {
          to: contract,
          data: encode(anchors),
          nonce,
          gasLimit,
          ...(replaces === undefined ? {} : { replaces }),
        }),
      ),
    broadcast: (signedBytes) => broadcastRaw(endpoints, signedBytes),
    async findTransaction(transactionId) {
      const found = await findEvmTransaction(endpoints, transactionId);
      if (found.state !== 'included') return found;
      const { anchored, ...status } = found;
      // Were it taken for an anchor, the proof would not hold; were it taken for a failure, it would be paid for again and again.
      if (status.succeeded && anchored.length === 0) {
        throw notOurs(contract, `took transaction ${transactionId} and emitted no Anchored event`);
      }
      return status;
    },
    latestWindow: () => endpoints.first((rpc) => readEvmNumber(rpc, contract, 'latestWindow')),
    async findAnchors(roots) {
      const transactions = await endpoints.first((rpc) => findAnchorTransactions(rpc, contract, roots));
      // One endpoint told where to look. What is recorded is what all of them hold final.
      const found = await fewAtATime(transactions, (id) => findEvmTransaction(endpoints, id));
      return found.flatMap((status, at): FoundAnchor[] => {
        if (status.state !== 'included' || !status.succeeded || !status.final) return [];
        const { block, anchored } = status;
        const windows = windowsIn(anchored, contract, roots);
        if (windows.length === 0) return [];
        return [{ anchor: { type: 'zilliqa-evm', chain, contract, transaction: transactions[at]!, block }, windows }];
      });
    },
    highestCost(signedBytes) {
      const { gasLimit, gasPrice, maxFeePerGas } = Transaction.from(`0x${toHex(signedBytes)}`);
      return gasLimit * (maxFeePerGas ?? gasPrice ?? 0n);
    },
    listen: (listener) => {
      endpoints.listen(listener);
    },
    endpoints: () => endpoints.states(),
    close: () => {
      endpoints.close();
    },
  };
}

/** Which of these windows a transaction anchored, with their roots. */
function windowsIn(anchored: ChainTransaction['anchored'], contract: string, roots: readonly RootOfWindow[]): number[] {
  const own = anchored.filter((event) => event.contract === contract);
  const windowOf = new Map(own.map(({ root, window }) => [root, window]));
  return roots.filter(({ root, window }) => windowOf.get(toHex(root)) === BigInt(window)).map(({ window }) => window);
}

/** What is wrong with the contract, as the end of a sentence. */
export async function contractFault(rpc: Rpc, contract: string): Promise<string | undefined> {
  if ((await rpc.call('eth_getCode', [contract, 'latest'], code)) === '0x') return 'does not exist';
  for (const name of ['owner', 'anchorCount']) {
    try {
      await rpc.call('eth_call', [{ to: contract, data: anchorsInterface.encodeFunctionData(name) }, 'latest'], word);
    } catch (error) {
      if (error instanceof JsonRpcError && error.code === 3) return `is no ChronosAnchors (it has no ${name}())`;
      throw error;
    }
  }
  return undefined;
}

async function readHeights(rpc: Rpc): Promise<{ height: number; finalHeight: number }> {
  const { number: finalHeight } = await rpc.call('eth_getBlockByNumber', ['finalized', false], heightSchema);
  const { number: height } = await rpc.call('eth_getBlockByNumber', ['latest', false], heightSchema);
  return { height, finalHeight };
}

async function readBalance(rpc: Rpc, account: string): Promise<Omit<ChainHealth, 'height' | 'finalHeight'>> {
  const balance = await rpc.call('eth_getBalance', [account, 'latest'], bigQuantity);
  const { gasPrice } = await readMarketFee(rpc);
  return affordable(balance, SINGLE_ANCHOR_GAS * gasPrice);
}

async function forecast(rpc: Rpc, from: string, to: string, data: string): Promise<AnchorForecast> {
  try {
    // Of the latest block, not the pending one: an attempt of ours that is still on its way would look like an anchor.
    const gas = await rpc.call('eth_estimateGas', [{ from, to, data }, 'latest'], bigQuantity);
    return { result: 'ok', gasLimit: gas + gas / 4n };
  } catch (error) {
    const answer = error instanceof JsonRpcError ? forecastOf(error, from) : undefined;
    if (answer === undefined) throw error;
    return answer;
  }
}

function encode(anchors: readonly RootToAnchor[]): string {
  return anchorsInterface.encodeFunctionData('anchor', [
    anchors.map(({ window, root, logSize, logRoot }) => ({ window, root, logSize, logRoot })),
  ]);
}

function notOurs(contract: string, why: string): ChronosError {
  return new ChronosError('invalid_settings', `the contract ${contract} ${why}`);
}
