import { findAddress } from './address.js';
import { adminMethods, type BlockTimer } from './admin.js';
import { type Clock, systemClock } from './clock.js';
import { Faults, type FaultOptions, faultSchema } from './faults.js';
import { Ledger } from './ledger.js';
import { nativeMethods } from './methods.js';
import type { DevnetOptions } from './options.js';
import { Rpc } from './rpc.js';
import { closeServer, listen } from './server.js';
import { readState, writeState } from './state-file.js';

/** A running chain. Everything it offers is also a `devnet_…` call on its port. */
export interface Devnet {
  url: string;
  chainId: number;
  /** Makes so many blocks (1) and gives the number of the last one. */
  mine(blocks?: number): number;
  /** Adds to a balance at once, in Qa. */
  fund(address: string, qa: bigint): void;
  /** Has something go wrong, the next time or so often. */
  fault(fault: FaultOptions): void;
  clearFaults(): void;
  stopBlocks(): void;
  startBlocks(): void;
  /** Replaces so many of the newest blocks by empty ones; their transactions wait again, or are lost. Throws for a final block. */
  reorganise(depth: number, options?: { drop?: boolean }): void;
  /** Forgets a transaction that waits; false where it does not. */
  drop(transactionId: string): boolean;
  /** Writes the state file, if there is one. */
  save(): void;
  /** Saves the state, and frees the port. */
  close(): Promise<void>;
}

/** Zilliqa 2's is 4,761,904,800,000 wei of EVM gas times 420; Zilliqa 1's last one was rounder. */
const MIN_GAS_PRICE_QA = { 1: 2_000_000_000n, 2: 2_000_000_016n };
/** Zilliqa 1's blocks were final at once; two follow one of Zilliqa 2 before it is. */
const FINALITY_BLOCKS = { 1: 0, 2: 2 };
/** About a day of blocks. */
const EXPIRY_BLOCKS = 86_400;

/** Starts a chain and its port. Throws when the port is taken, or the state file is another chain's. */
export async function startDevnet(options: DevnetOptions = {}, clock: Clock = systemClock): Promise<Devnet> {
  const { chainId = 31_337, flavour = 2, host = '127.0.0.1', port = 0, stateFile } = options;
  if (!Number.isInteger(chainId) || chainId < 1 || chainId > 0xffff)
    throw new RangeError('The chain id is the upper half of a uint32: from 1 to 65535');
  const saved = stateFile === undefined ? undefined : readState(stateFile, chainId);
  const finalityBlocks = options.finalityBlocks ?? FINALITY_BLOCKS[flavour];
  const ledger = new Ledger({ clock, finalityBlocks, state: saved?.ledger });
  for (const pending of saved?.pending ?? []) ledger.pool.add(pending);
  const fund = (address: string, qa: bigint) => ledger.fund(parseFunded(address), qa);
  if (saved === undefined) for (const [address, qa] of Object.entries(options.fund ?? {})) fund(address, qa);

  const faults = new Faults();
  const timer = blockTimer(ledger, options.blockMs ?? 1000);
  const save = () => {
    if (stateFile !== undefined) writeState(stateFile, { chainId, ledger: ledger.state, pending: ledger.pool.all() });
  };
  const minGasPrice = options.minGasPriceQa ?? MIN_GAS_PRICE_QA[flavour];
  const rules = { flavour, minGasPrice, expiryBlocks: options.expiryBlocks ?? EXPIRY_BLOCKS };
  const native = nativeMethods({ ledger, chainId, rules });
  const admin = adminMethods({ ledger, faults, timer, save });
  const [server, boundPort] = await listen(new Rpc({ native, admin, faults, ledger }), { host, port });
  timer.start();
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return {
    url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${boundPort}`,
    chainId,
    mine: (blocks = 1) => {
      for (let i = 0; i < blocks; i++) ledger.mine();
      return ledger.head.number;
    },
    fund,
    fault: (fault) => faults.add(faultSchema.parse(fault)),
    clearFaults: () => faults.clear(),
    stopBlocks: () => timer.stop(),
    startBlocks: () => timer.start(),
    reorganise: (depth, { drop = false } = {}) => ledger.reorganise(depth, { drop }),
    drop: (id) => ledger.pool.remove(id.replace(/^0x/, '').toLowerCase()),
    save,
    close: async () => {
      timer.stop();
      save();
      await closeServer(server);
    },
  };
}

function parseFunded(text: string): string {
  const address = findAddress(text);
  if (address === undefined) throw new RangeError(`Not an address: ${text}`);
  return address;
}

/** 0 makes no blocks by itself. */
function blockTimer(ledger: Ledger, blockMs: number): BlockTimer {
  let interval: NodeJS.Timeout | undefined;
  return {
    start: () => {
      if (blockMs > 0) interval ??= setInterval(() => ledger.mine(), blockMs);
    },
    stop: () => {
      clearInterval(interval);
      interval = undefined;
    },
  };
}
