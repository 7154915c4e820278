import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANCHORED_TOPIC } from '@chronos/shared';
import type { AnchorEvent } from '../anchors/anchor-events.js';
import { AnchorStep, type StepOptions, type StepOutcome } from '../anchors/anchor-step.js';
import type { Chain } from '../chain/chain.js';
import { deployContract } from '../chain/deploy-contract.js';
import { createEvmChain, type EvmChainOptions } from '../chain/evm-chain.js';
import { openWallet, type Wallet } from '../chain/wallet.js';
import { systemClock } from '../clock.js';
import { type AnchorStore, openAnchorStore } from '../store/anchors.js';
import { openStore, type Store } from '../store/store.js';
import type { Anvil } from './anvil.js';
import { closeWindows, rootOf } from './closed-windows.js';
import { FakeClock } from './fake-clock.js';
import { temporaryFolder } from './temporary.js';

export const CHAIN = 'eip155:31337';
export const TIMING = { rebroadcastAfterMs: 10_000, stuckAfterMs: 60_000, lostAfterMs: 30_000 };
const RICH_WEI = 10n ** 18n;

/** A wallet with money, its own contract on anvil, and a store: all that one anchorer has. */
export interface Bench {
  anvil: Anvil;
  wallet: Wallet;
  contract: string;
  folder: string;
  store: Store;
  anchors: AnchorStore;
  clock: FakeClock;
  chain: Chain;
  /** The windows that became final, in the order told. */
  final: number[];
  /** What the steps told, in order. */
  events: AnchorEvent[];
  close(count: number): number[];
  /** The chain as configured, or with other settings. */
  openChain(options?: Partial<EvmChainOptions>): Chain;
  /** An anchorer's step, of this store and chain or another: a new one is what a new process has. */
  step(options?: Partial<StepOptions>): AnchorStep;
  /** Steps and makes a block, again and again, until nothing is left to do. Gives what the steps came to. */
  settle(step?: AnchorStep): Promise<StepOutcome[]>;
  /** The window of each root that the contract (this bench's, or another) has an event of; NaN for one that is not among these. */
  anchoredWindows(among: readonly number[], address?: string): Promise<number[]>;
  /** How many transactions the account has paid for since the contract was deployed. */
  paid(): Promise<number>;
  dispose(): void;
}

export async function openBench(anvil: Anvil): Promise<Bench> {
  const temporary = temporaryFolder();
  const wallet = await newWallet(temporary.folder, anvil);
  // An earlier test may have made this chain dear.
  await anvil.rpc('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00');
  const { address } = await deploy(anvil, wallet);
  const contract = address.toLowerCase();
  const store = openStore(join(temporary.folder, 'store'));
  const anchors = openAnchorStore(store);
  const clock = new FakeClock(1_800_000_000_000);
  const final: number[] = [];
  const events: AnchorEvent[] = [];
  const seed = address;

  const openChain = (options: Partial<EvmChainOptions> = {}): Chain =>
    createEvmChain({
      ...{ rpcUrls: [anvil.url], chain: CHAIN, contract: address, wallet, maxFeeGwei: 1000, clock, timeoutMs: 5_000 },
      ...options,
    });
  const chain = openChain();
  const step = (options: Partial<StepOptions> = {}): AnchorStep =>
    new AnchorStep({
      ...{ store: anchors, chain, clock, requiredChains: [CHAIN], timing: TIMING },
      onFinal: (windows) => final.push(...windows),
      onEvent: (event) => events.push(event),
      ...options,
    });
  return {
    ...{
      anvil,
      wallet,
      contract,
      folder: temporary.folder,
      store,
      anchors,
      clock,
      chain,
      final,
      events,
      openChain,
      step,
    },
    close: (count) => closeWindows(store, count, [CHAIN], seed),
    async settle(running = step()) {
      const outcomes: StepOutcome[] = [];
      while (outcomes.length < 40) {
        const outcome = await running.run();
        outcomes.push(outcome);
        if (outcome.next === 'idle') return outcomes;
        if (outcome.next !== 'now') await anvil.mine();
      }
      throw new Error(`not settled after ${outcomes.length} steps: ${JSON.stringify(outcomes.at(-1))}`);
    },
    async anchoredWindows(among, address = contract) {
      const filter = { address, fromBlock: '0x0', toBlock: 'latest', topics: [ANCHORED_TOPIC] };
      const logs = (await anvil.rpc('eth_getLogs', filter)) as { topics: [string, string, string] }[];
      const windows = new Map(among.map((id) => [`0x${rootOf(id, seed).toString('hex')}`, id]));
      return logs.map(({ topics }) => windows.get(topics[2]) ?? NaN).sort((a, b) => a - b);
    },
    async paid() {
      return Number(await anvil.rpc('eth_getTransactionCount', wallet.address, 'latest')) - 1;
    },
    dispose() {
      chain.close();
      store.close();
      temporary.remove();
    },
  };
}

/** A wallet of a new key, with enough to pay for some hundred anchors. */
export async function newWallet(folder: string, anvil: Anvil): Promise<Wallet> {
  const file = join(folder, `key-${randomBytes(4).toString('hex')}`);
  writeFileSync(file, randomBytes(32).toString('hex'));
  chmodSync(file, 0o600);
  const wallet = await openWallet({ file });
  await setBalance(anvil, wallet, RICH_WEI);
  return wallet;
}

export async function setBalance(anvil: Anvil, wallet: Wallet, wei = RICH_WEI): Promise<void> {
  await anvil.rpc('anvil_setBalance', wallet.address, `0x${wei.toString(16)}`);
}

/** Deploys a contract on a chain that makes blocks only when told: whenever the deployment would wait, it gets some. */
export function deploy(anvil: Anvil, wallet: Wallet) {
  const clock = { ...systemClock, sleep: () => anvil.mine(3) };
  return deployContract({ rpcUrls: [anvil.url], chain: CHAIN, wallet, maxFeeGwei: 1000, clock });
}
