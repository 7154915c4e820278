import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Devnet, type DevnetOptions, startDevnet } from '@chronos/devnet';
import type { AnchorEvent } from '../anchors/anchor-events.js';
import { AnchorStep, type StepOptions, type StepOutcome } from '../anchors/anchor-step.js';
import type { Chain } from '../chain/chain.js';
import { deployScillaContract } from '../chain/deploy-scilla-contract.js';
import { createScillaChain, type ScillaChainOptions } from '../chain/scilla-chain.js';
import { openScillaWallet, type ScillaWallet } from '../chain/scilla-wallet.js';
import { systemClock } from '../clock.js';
import { type AnchorStore, openAnchorStore } from '../store/anchors.js';
import { openStore, type Store } from '../store/store.js';
import { closeWindows, rootOf } from './closed-windows.js';
import { FakeClock } from './fake-clock.js';
import { temporaryFolder } from './temporary.js';

export const NATIVE_CHAIN = 'zilliqa:31337';
export const NATIVE_TIMING = { rebroadcastAfterMs: 10_000, stuckAfterMs: 60_000, lostAfterMs: 30_000 };
export const MAX_GAS_PRICE_QA = 10_000_000_000n;
const RICH_QA = 10n ** 16n;

interface Transaction {
  receipt: { success: boolean; event_logs?: { _eventname: string; params: { vname: string; value: string }[] }[] };
}

/** A native chain of its own, a wallet with money, its contract and a store: all that one anchorer has. */
export interface NativeBench {
  devnet: Devnet;
  wallet: ScillaWallet;
  contract: string;
  store: Store;
  anchors: AnchorStore;
  clock: FakeClock;
  chain: Chain;
  /** The windows that became final, in the order told. */
  final: number[];
  /** What the steps told, in order. */
  events: AnchorEvent[];
  close(count: number): number[];
  openChain(options?: Partial<ScillaChainOptions>): Chain;
  newWallet(): Promise<ScillaWallet>;
  /** A new one is what a new process has. */
  step(options?: Partial<StepOptions>): AnchorStep;
  /** Steps and makes a block, again and again, until nothing is left to do; faults that throw are told as what a step came to. */
  settle(step?: AnchorStep): Promise<(StepOutcome | Error)[]>;
  /** A call that has to succeed. */
  rpc<T>(method: string, ...params: unknown[]): Promise<T>;
  /** The window of each `Anchored` event on the chain, in order; NaN for a root that is not of these. */
  anchoredWindows(among: readonly number[]): Promise<number[]>;
  /** How many transactions the account has paid for since the contract was deployed. */
  paid(): Promise<number>;
  dispose(): Promise<void>;
}

export async function openNativeBench(options: DevnetOptions = {}): Promise<NativeBench> {
  const temporary = temporaryFolder();
  const devnet = await startDevnet({ blockMs: 0, ...options });
  const newWallet = async () => {
    const file = join(temporary.folder, `key-${randomBytes(4).toString('hex')}`);
    writeFileSync(file, randomBytes(32).toString('hex'));
    chmodSync(file, 0o600);
    const wallet = await openScillaWallet({ file });
    devnet.fund(wallet.address, RICH_QA);
    devnet.mine(3);
    return wallet;
  };
  const wallet = await newWallet();
  const common = { rpcUrls: [devnet.url], chain: NATIVE_CHAIN, wallet, maxGasPriceQa: MAX_GAS_PRICE_QA };
  const { address: contract } = await deployScillaContract({
    ...common,
    clock: { ...systemClock, sleep: async () => void devnet.mine() },
  });
  const store = openStore(join(temporary.folder, 'store'));
  const anchors = openAnchorStore(store);
  const clock = new FakeClock(1_800_000_000_000);
  const final: number[] = [];
  const events: AnchorEvent[] = [];

  const openChain = (changed: Partial<ScillaChainOptions> = {}): Chain =>
    createScillaChain({ ...common, contract, clock, timeoutMs: 1_000, ...changed });
  const chain = openChain();
  const step = (changed: Partial<StepOptions> = {}): AnchorStep =>
    new AnchorStep({
      ...{ store: anchors, chain, clock, requiredChains: [NATIVE_CHAIN], timing: NATIVE_TIMING },
      onFinal: (windows) => final.push(...windows),
      onEvent: (event) => events.push(event),
      ...changed,
    });
  const call = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(devnet.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await response.json()) as { result?: unknown; error?: { message: string } };
  };
  const rpc = async <T>(method: string, ...params: unknown[]): Promise<T> => {
    const { result, error } = await call(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };
  return {
    ...{ devnet, wallet, contract, store, anchors, clock, chain, final, events, openChain, newWallet, step, rpc },
    close: (count) => closeWindows(store, count, [NATIVE_CHAIN], contract),
    async settle(running = step()) {
      const outcomes: (StepOutcome | Error)[] = [];
      while (outcomes.length < 60) {
        const outcome = await running.run().catch((error: unknown) => error as Error);
        outcomes.push(outcome);
        if (!(outcome instanceof Error) && outcome.next === 'idle') return outcomes;
        if (!(outcome instanceof Error) && outcome.next === 'now') continue;
        await clock.advance(1_000);
        devnet.mine();
      }
      throw new Error(`not settled after ${outcomes.length} steps: ${JSON.stringify(outcomes.at(-1))}`);
    },
    async anchoredWindows(among) {
      const windows = new Map(among.map((id) => [`0x${rootOf(id, contract).toString('hex')}`, id]));
      const found: number[] = [];
      // Three blocks more, so that all that happened is final.
      const last = devnet.mine(3);
      for (let number = 1; number <= last; number++) {
        const { result } = await call('GetTransactionsForTxBlock', [String(number)]);
        for (const id of ((result as string[][] | undefined) ?? []).flat()) {
          const { receipt } = await rpc<Transaction>('GetTransaction', id);
          for (const { params } of receipt.event_logs ?? []) {
            found.push(windows.get(params.find(({ vname }) => vname === 'root')?.value ?? '') ?? NaN);
          }
        }
      }
      return found.sort((a, b) => a - b);
    },
    async paid() {
      const { nonce } = await rpc<{ nonce: number }>('GetBalance', wallet.address.slice(2));
      return nonce - 1;
    },
    async dispose() {
      chain.close();
      store.close();
      await devnet.close();
      temporary.remove();
    },
  };
}
