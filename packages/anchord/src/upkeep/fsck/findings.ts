import type { Db } from '../../store/store.js';

/** What is looked at, in this order. */
export type Check = 'file' | 'schema' | 'windows' | 'log' | 'anchors' | 'attempts' | 'index' | 'chain';

export interface Fault {
  check: Check;
  /** The table and row, or the file. */
  where: string;
  what: string;
  /** What `--fix` does about it. */
  mend?: string;
  /** What to do about it, where it cannot be derived from anything else here. */
  advice?: string;
}

/** The most faults of one check that are told one by one: of a store that is damaged all over, the first hundred say enough. */
const MAX_TOLD = 100;
/** The most mends that are kept in memory; another run finds the rest. */
const MAX_MENDS = 100_000;

/** Changes the store, which was open for reading alone when the fault was found. */
export type Mend = (db: Db) => void;

/** What a check of a store finds, and how it can be mended. */
export class Findings {
  readonly faults: Fault[] = [];
  /** What the operator should know and is no fault. */
  readonly notes: string[] = [];
  /** How many digests were read. */
  digests = 0;
  /** Why something could not be looked at, where it could not. */
  unchecked: string | undefined;
  private readonly counts = new Map<Check, number>();
  private readonly lasting = new Set<Check>();
  private readonly mends = new Map<string, Mend>();

  /** A fault that stays: what it should have been stands nowhere else. */
  add(check: Check, where: string, what: string, advice: string): void {
    this.lasting.add(check);
    this.keep({ check, where, what, advice });
  }

  /** A fault that `mend` removes. Mends run in the order they were first added; one with the name of an earlier one is the same. */
  addMendable(
    check: Check,
    where: string,
    what: string,
    mend: string,
    work: Mend,
    name = `${check} ${where} ${mend}`,
  ): void {
    this.keep({ check, where, what, mend });
    if (this.mends.size < MAX_MENDS && !this.mends.has(name)) this.mends.set(name, work);
  }

  note(text: string): void {
    this.notes.push(text);
  }

  /** How many faults there are, told or not. */
  count(check?: Check): number {
    if (check !== undefined) return this.counts.get(check) ?? 0;
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Whether some fault of the check stays, whatever is mended. */
  hasLasting(check: Check): boolean {
    return this.lasting.has(check);
  }

  /** Carries all mends out. To be called within a transaction. */
  mendAll(db: Db): void {
    for (const mend of this.mends.values()) mend(db);
  }

  get isMendable(): boolean {
    return this.mends.size > 0;
  }

  private keep(fault: Fault): void {
    const count = this.count(fault.check) + 1;
    this.counts.set(fault.check, count);
    if (count <= MAX_TOLD) this.faults.push(fault);
  }
}

/** What is to be done where acknowledged digests or roots are damaged. */
export const RESTORE =
  'it stands nowhere else: restore a backup that has it (anchord restore). Proofs given out before go on to hold';
