import type { Receipt } from '@chronos/shared';

/** What of a receipt must never change. */
export interface Acknowledged {
  salt: string;
  receivedAt: string;
  window: number;
}

/** What the service owes, kept outside of it: every digest that was sent, and what was acknowledged of it. */
export class Ledger {
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Sent, and neither acknowledged nor taken back: the connection was cut, or the service refused. */
  readonly unknown = new Set<string>();
  /** Complete proofs that were given while the load ran: they must never change. */
  readonly proofs = new Map<string, string>();
  /** Answers that no service may give, whatever is killed. */
  readonly faults: string[] = [];
  readonly refusals = new Map<string, number>();
  requests = 0;
  cutConnections = 0;

  sent(digests: readonly string[]): void {
    this.requests++;
    for (const digest of digests) if (!this.acknowledged.has(digest)) this.unknown.add(digest);
  }

  /** Notes receipts. A digest that was acknowledged before must be answered with the same salt, time and window. */
  answered(digests: readonly string[], receipts: readonly Receipt[]): void {
    if (receipts.length !== digests.length)
      this.fault(`${digests.length} digests were answered ${receipts.length} times`);
    receipts.forEach(({ digest, status, salt, receivedAt, window }, i) => {
      if (digest !== digests[i]) this.fault(`digest ${String(digests[i])} was answered as ${digest}`);
      const before = this.acknowledged.get(digest);
      if (before === undefined) {
        this.acknowledged.set(digest, { salt, receivedAt, window: window.id });
        this.unknown.delete(digest);
      } else if (before.salt !== salt || before.receivedAt !== receivedAt || before.window !== window.id) {
        this.fault(`digest ${digest} was acknowledged twice, with different receipts (${status} the second time)`);
      }
    });
  }

  /** A complete proof was given. */
  proven(digest: string, proof: string): void {
    const before = this.proofs.get(digest);
    if (before === undefined) this.proofs.set(digest, proof);
    else if (before !== proof) this.fault(`the complete proof of ${digest} has changed`);
  }

  /** The service answered with an error, or gave none at all. */
  failed(code: string): void {
    if (code === 'service_unreachable') this.cutConnections++;
    else this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  fault(what: string): void {
    this.faults.push(what);
  }
}
