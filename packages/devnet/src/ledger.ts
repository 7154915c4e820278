import type { Clock } from './clock.js';
import { type Account, execute, type Receipt } from './execute.js';
import { sha256Hex, utf8 } from './hex.js';
import { Pool } from './pool.js';
import type { Transaction } from './transaction.js';

export interface Block {
  number: number;
  hash: string;
  parentHash: string;
  timestampUs: bigint;
  /** Ids, in order. */
  transactions: readonly string[];
  gasUsed: bigint;
  feesQa: bigint;
  /** Each account that the block changed, as it was before; kept until the block is final. */
  undo: Map<string, Account | undefined>;
}

export interface Included {
  transaction: Transaction;
  receipt: Receipt;
  blockNumber: number;
}

/** All that a chain is, apart from what waits; as the state file keeps it. */
export interface LedgerState {
  blocks: Block[];
  accounts: Map<string, Account>;
  included: Map<string, Included>;
}

/** zq2's 84,000,000 EVM gas, in Scilla's. */
export const BLOCK_GAS_LIMIT = 200_000n;

/** Blocks, accounts and what waits. The one writer of all three; a block is final when so many others follow it. */
export class Ledger {
  readonly pool = new Pool();
  readonly #state: LedgerState;
  readonly #clock: Clock;
  readonly #finalityBlocks: number;
  /** So that a block made anew after a reorganisation has another hash. */
  #reorganisations = 0;

  constructor(options: { clock: Clock; finalityBlocks: number; state?: LedgerState | undefined }) {
    this.#clock = options.clock;
    this.#finalityBlocks = options.finalityBlocks;
    this.#state = options.state ?? { blocks: [], accounts: new Map(), included: new Map() };
    if (this.#state.blocks.length === 0) this.#append(new Map(), [], 0n, 0n);
  }

  get state(): LedgerState {
    return this.#state;
  }

  get head(): Block {
    return this.#state.blocks.at(-1)!;
  }

  get finalNumber(): number {
    return Math.max(0, this.head.number - this.#finalityBlocks);
  }

  block(number: number): Block | undefined {
    return this.#state.blocks[number];
  }

  included(id: string): Included | undefined {
    return this.#state.included.get(id);
  }

  /** As of the newest block. */
  account(address: string): Account | undefined {
    return this.#state.accounts.get(address);
  }

  /** As of the final block: what the oldest block after it found, or nobody changed since. */
  finalAccount(address: string): Account | undefined {
    const changed = this.#state.blocks.slice(this.finalNumber + 1).find(({ undo }) => undo.has(address));
    return changed === undefined ? this.account(address) : changed.undo.get(address);
  }

  nonce(address: string): bigint {
    return this.account(address)?.nonce ?? 0n;
  }

  /** Money out of nowhere, in every block that may still be undone too. */
  fund(address: string, qa: bigint): void {
    const richer = (account?: Account): Account => ({
      ...(account ?? { nonce: 0n }),
      balance: (account?.balance ?? 0n) + qa,
    });
    this.#state.accounts.set(address, richer(this.account(address)));
    for (const { undo } of this.#state.blocks.slice(this.finalNumber + 1))
      if (undo.has(address)) undo.set(address, richer(undo.get(address)));
  }

  /** Makes the next block from what waits, the best paid first. */
  mine(): Block {
    const number = this.head.number + 1;
    const nonceOf = (sender: string) => this.nonce(sender);
    const undo = new Map<string, Account | undefined>();
    const ids: string[] = [];
    let gasUsed = 0n;
    let feesQa = 0n;
    this.pool.prune(number, nonceOf);
    for (
      let transaction = this.pool.next(number, nonceOf);
      transaction;
      transaction = this.pool.next(number, nonceOf)
    ) {
      if (gasUsed + transaction.gasLimit > BLOCK_GAS_LIMIT) break;
      this.pool.remove(transaction.id);
      const { receipt, changes } = execute(transaction, (address) => this.account(address), { number, gasUsed });
      for (const [address, account] of changes) {
        if (!undo.has(address)) undo.set(address, this.account(address));
        this.#state.accounts.set(address, account);
      }
      this.#state.included.set(transaction.id, { transaction, receipt, blockNumber: number });
      ids.push(transaction.id);
      gasUsed += receipt.gasUsed;
      feesQa += receipt.gasUsed * transaction.gasPrice;
    }
    const block = this.#append(undo, ids, gasUsed, feesQa);
    // What is final is never undone.
    this.block(this.finalNumber)?.undo.clear();
    return block;
  }

  /**
   * Takes back so many of the newest blocks and puts empty ones in their place. Their transactions wait again, or are lost.
   * Throws where a final block would go: that is what finality excludes.
   */
  reorganise(depth: number, { drop }: { drop: boolean }): void {
    if (depth > this.head.number - this.finalNumber) throw new RangeError('A final block cannot be taken back');
    this.#reorganisations += 1;
    const returned: Transaction[] = [];
    for (let i = 0; i < depth; i++) returned.unshift(...this.#takeBack());
    for (let i = 0; i < depth; i++) this.#append(new Map(), [], 0n, 0n);
    const expiresAfter = Number.MAX_SAFE_INTEGER;
    if (!drop) for (const transaction of returned) this.pool.add({ transaction, notBefore: 0, expiresAfter });
  }

  #takeBack(): Transaction[] {
    const { undo, transactions } = this.#state.blocks.pop()!;
    for (const [address, account] of undo)
      if (account === undefined) this.#state.accounts.delete(address);
      else this.#state.accounts.set(address, account);
    return transactions.map((id) => {
      const { transaction } = this.#state.included.get(id)!;
      this.#state.included.delete(id);
      return transaction;
    });
  }

  #append(undo: Block['undo'], transactions: readonly string[], gasUsed: bigint, feesQa: bigint): Block {
    const parent = this.#state.blocks.at(-1);
    const number = parent === undefined ? 0 : parent.number + 1;
    const parentHash = parent?.hash ?? '0'.repeat(64);
    const now = this.#clock();
    // A block is later than the one before, whatever the machine's clock does.
    const timestampUs = parent !== undefined && now <= parent.timestampUs ? parent.timestampUs + 1n : now;
    const content = [number, parentHash, timestampUs, this.#reorganisations, ...transactions].join('/');
    const hash = sha256Hex(utf8(content));
    const block = { number, hash, parentHash, timestampUs, transactions, gasUsed, feesQa, undo };
    this.#state.blocks.push(block);
    return block;
  }
}
