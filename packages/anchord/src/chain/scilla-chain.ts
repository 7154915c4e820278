import { type Anchor, ChronosError, JsonRpcError, plainAddress, readNativeChain, toHex } from '@chronos/shared';
import { z } from 'zod';
import { type Clock, systemClock } from '../clock.js';
import { affordable, type AnchorForecast, type Chain, type ChainHealth, type RootToAnchor } from './chain.js';
import { readNativeNumber } from './contract-view.js';
import { Endpoints, type EndpointsOptions, type Rpc } from './endpoints.js';
import { fewAtATime } from './few-at-a-time.js';
import { broadcastNative } from './scilla-broadcast.js';
import { isDisabled, NO_NATIVE_TRANSACTIONS } from './scilla-errors.js';
import { highestCost, readGasPrice } from './scilla-fees.js';
import { findAnchorId, holds } from './scilla-find-anchor.js';
import { signNative } from './scilla-sign.js';
import { contractFault, readAccount, readField, readHeights } from './scilla-state.js';
import { findNativeTransaction } from './scilla-transaction.js';
import type { ScillaWallet } from './scilla-wallet.js';

export interface ScillaChainOptions {
  /** At least one; reads fail over in this order. */
  rpcUrls: readonly string[];
  /** As proofs name it: `zilliqa:1`. */
  chain: string;
  /** The anchor contract: `0x…`, `zil1…`, or hex alone. */
  contract: string;
  wallet: ScillaWallet;
  /** The most that a unit of gas may cost. */
  maxGasPriceQa: bigint;
  /** How long one endpoint may take to answer a call. */
  timeoutMs?: number;
  clock?: Clock;
  onCall?: EndpointsOptions['onCall'] | undefined;
}

/** One anchor uses 300 and about 130 for the interpreter; what is left of the limit is not paid, and running out costs all of it. */
const ANCHOR_GAS_LIMIT = 1_000n;
const SINGLE_ANCHOR_GAS = 500n;

/** The chain port for Zilliqa's native side, of both generations. */
export function createScillaChain(options: ScillaChainOptions): Chain {
  const { rpcUrls, chain, wallet, maxGasPriceQa, timeoutMs = 10_000, clock = systemClock, onCall } = options;
  const contract = `0x${plainAddress(options.contract)}`;
  const chainId = nativeChainId(chain);
  const endpoints = new Endpoints({ rpcUrls, chain, readChain: readNativeChain, timeoutMs, clock, onCall });

  return {
    type: 'zilliqa-scilla',
    chain,
    contract,
    account: wallet.zilAddress,
    decimals: 12,
    maxAnchorsPerTransaction: 1,
    async check() {
      await endpoints.check();
      const refusal = await endpoints.first(disabledRefusal);
      if (refusal !== undefined) throw new ChronosError('invalid_settings', `${NO_NATIVE_TRANSACTIONS} (${refusal})`);
      const fault = await endpoints.first((rpc) => contractFault(rpc, contract));
      if (fault !== undefined) {
        const advice = `deploy one with "anchord deploy-contract --scilla", or correct its address`;
        throw new ChronosError('invalid_settings', `the contract ${contract} ${fault} on ${chain}: ${advice}`);
      }
    },
    async health() {
      const heights = endpoints.compare(await endpoints.each(readHeights));
      return { ...heights, ...(await endpoints.first((rpc) => readBalance(rpc, wallet.address))) };
    },
    async finalNonce() {
      const accounts = await endpoints.all((rpc) => readAccount(rpc, wallet.address));
      // The least: a nonce is used up when every endpoint has seen it used. What an account has sent counts from 1.
      return accounts.reduce((least, { nonce }) => (nonce < least ? nonce : least), accounts[0]!.nonce) + 1n;
    },
    forecast: (anchors) => endpoints.first((rpc) => forecast(rpc, contract, wallet, anchors)),
    sign: (anchors, nonce, gasLimit, replaces) =>
      endpoints.first((rpc) =>
        signNative(
          rpc,
          { wallet, maxGasPriceQa },
          {
            ...{ chainId, to: contract, nonce, gasLimit, data: anchorMessage(anchors) },
            ...(replaces === undefined ? {} : { replaces }),
          },
        ),
      ),
    broadcast: (signedBytes) => broadcastNative(endpoints, signedBytes),
    async findTransaction(transactionId) {
      const found = await findNativeTransaction(endpoints, transactionId);
      if (found.state !== 'included' || !found.final) return found;
      const { anchored, ...status } = found;
      // Were it taken for an anchor, the proof would not hold; were it taken for a failure, it would be paid for again and again.
      if (status.succeeded && anchored.length === 0) {
        throw new ChronosError(
          'invalid_settings',
          `the contract ${contract} took transaction ${transactionId} and emitted no Anchored event`,
        );
      }
      return status;
    },
    latestWindow: () => endpoints.first((rpc) => readNativeNumber(rpc, contract, 'latestWindow')),
    async findAnchors(roots) {
      const found = await fewAtATime(roots, ({ root, window }) => findAnchor(endpoints, contract, root, window));
      return found.flatMap((one, at) => {
        if (one === undefined) return [];
        const anchor: Anchor = { type: 'zilliqa-scilla', chain, contract, ...one };
        return [{ anchor, windows: [roots[at]!.window] }];
      });
    },
    highestCost,
    listen: (listener) => {
      endpoints.listen(listener);
    },
    endpoints: () => endpoints.states(),
    close: () => {
      endpoints.close();
    },
  };
}

/** The final transaction that anchored this root, and its block. */
async function findAnchor(endpoints: Endpoints, contract: string, root: Uint8Array, window: number) {
  const id = await endpoints.first((rpc) => findAnchorId(rpc, contract, root, window));
  if (id === undefined) return undefined;
  // One endpoint told where to look. What is recorded is what all of them hold final.
  const found = await findNativeTransaction(endpoints, id);
  if (found.state !== 'included' || !found.final || !found.succeeded) return undefined;
  return holds(found, contract, root, window) ? { transaction: plainAddress(id), block: found.block } : undefined;
}

/** The number in `zilliqa:<id>`: the upper half of a transaction's 32-bit version. */
export function nativeChainId(chain: string): number {
  const id = Number(/^zilliqa:([1-9][0-9]{0,4})$/.exec(chain)?.[1]);
  if (!(id < 2 ** 16)) throw new ChronosError('invalid_settings', `${chain} is no native chain of Zilliqa`);
  return id;
}

/**
 * Asks for a transaction with nothing in it. A network that takes native transactions refuses what was sent; one that takes none says so,
 * here at the start and not when the first window waits.
 */
async function disabledRefusal(rpc: Rpc): Promise<string | undefined> {
  try {
    await rpc.call('CreateTransaction', [{}], z.unknown());
  } catch (error) {
    if (error instanceof JsonRpcError) return isDisabled(error) ? error.message : undefined;
    // Some nodes call what they cannot read an internal error of theirs: no answer says nothing here.
    if (!(error instanceof ChronosError) || error.code !== 'chain_unreachable') throw error;
  }
  return undefined;
}

async function readBalance(rpc: Rpc, account: string): Promise<Omit<ChainHealth, 'height' | 'finalHeight'>> {
  const { balance } = await readAccount(rpc, account);
  const price = await readGasPrice(rpc);
  return affordable(balance, SINGLE_ANCHOR_GAS * price);
}

/** There is nothing to ask as the EVM's gas estimate; the contract's own conditions are read instead. */
async function forecast(
  rpc: Rpc,
  contract: string,
  wallet: ScillaWallet,
  anchors: readonly RootToAnchor[],
): Promise<AnchorForecast> {
  const { root } = single(anchors);
  if ((await readField(rpc, contract, 'anchors', `0x${toHex(root)}`)) !== undefined)
    return { result: 'already_anchored' };
  const owner = await readField(rpc, contract, 'owner');
  if (typeof owner !== 'string' || plainAddress(owner) !== plainAddress(wallet.address)) {
    return {
      result: 'refused',
      reason: 'not_owner',
      detail: `${wallet.zilAddress} is not the owner of the anchor contract`,
    };
  }
  return { result: 'ok', gasLimit: ANCHOR_GAS_LIMIT };
}

/** The transition's message. Scilla wants every value as a string, with its type. */
function anchorMessage(anchors: readonly RootToAnchor[]): object {
  const { window, root, logSize, logRoot } = single(anchors);
  return {
    _tag: 'Anchor',
    params: [
      { vname: 'window', type: 'Uint64', value: String(window) },
      { vname: 'root', type: 'ByStr32', value: `0x${toHex(root)}` },
      { vname: 'log_size', type: 'Uint64', value: String(logSize) },
      { vname: 'log_root', type: 'ByStr32', value: `0x${toHex(logRoot)}` },
    ],
  };
}

function single(anchors: readonly RootToAnchor[]): RootToAnchor {
  const [anchor] = anchors;
  if (anchor === undefined || anchors.length > 1) throw new Error('the transition takes one anchor');
  return anchor;
}
