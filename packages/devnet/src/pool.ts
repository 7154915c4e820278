import type { Transaction } from './transaction.js';

export interface Pending {
  transaction: Transaction;
  /** The first block that may take it. */
  notBefore: number;
  /** The block after which it is forgotten. */
  expiresAfter: number;
}

export type Admission = 'added' | 'present' | 'underpriced';

/** The transactions that wait for a block: one for each sender and nonce. */
export class Pool {
  readonly #pending = new Map<string, Pending>();

  add(pending: Pending): Admission {
    const slot = slotOf(pending.transaction);
    const existing = this.#pending.get(slot)?.transaction;
    if (existing?.id === pending.transaction.id) return 'present';
    // An equal price does not replace (zq2, pool.rs, `insert_transaction`).
    if (existing !== undefined && existing.gasPrice >= pending.transaction.gasPrice) return 'underpriced';
    this.#pending.set(slot, pending);
    return 'added';
  }

  all(): readonly Pending[] {
    return [...this.#pending.values()];
  }

  has(id: string): boolean {
    return this.all().some(({ transaction }) => transaction.id === id);
  }

  /** Forgets a transaction; false where it does not wait. */
  remove(id: string): boolean {
    for (const [slot, { transaction }] of this.#pending) if (transaction.id === id) return this.#pending.delete(slot);
    return false;
  }

  /** Keeps a transaction out of the blocks before this one. */
  delay(id: string, notBefore: number): void {
    for (const pending of this.#pending.values()) if (pending.transaction.id === id) pending.notBefore = notBefore;
  }

  /** The best paid transaction whose nonce's turn it is. */
  next(block: number, nonceOf: (sender: string) => bigint): Transaction | undefined {
    const ready = this.all().filter(
      ({ transaction, notBefore }) => notBefore <= block && transaction.nonce === nonceOf(transaction.sender) + 1n,
    );
    return ready.reduce<Transaction | undefined>(
      (best, { transaction }) => (best === undefined || transaction.gasPrice > best.gasPrice ? transaction : best),
      undefined,
    );
  }

  /** Forgets what has waited too long, and what can never run, its nonce being used. */
  prune(block: number, nonceOf: (sender: string) => bigint): void {
    for (const { transaction, expiresAfter } of this.all())
      if (block > expiresAfter || transaction.nonce <= nonceOf(transaction.sender)) this.remove(transaction.id);
  }
}

const slotOf = ({ sender, nonce }: Transaction): string => `${sender}/${nonce.toString()}`;
