import { ChronosError } from '@chronos/shared';
import type { Store } from '../store/store.js';

/** How a call is broken, and whether the process goes on. */
export const FAULTS = ['failed', 'failed but persisted', 'crash before', 'crash after'] as const;
export type Fault = (typeof FAULTS)[number];

/** Counts the calls that go through it, by name, and breaks one, before it has its effect or after. */
export class Fuse {
  readonly calls = new Map<string, number>();
  /** Whether the call to break has come. */
  blown = false;
  /** After a crash no call comes through any more: what is left of the process may do what it likes, nobody hears of it. */
  crashed = false;
  /** Calls that have begun and not ended. */
  underWay = 0;
  private target: { name: string; nth: number; fault: Fault } | undefined;

  /** Breaks the `nth` call of this name from now on. */
  arm(name: string, nth: number, fault: Fault): this {
    this.reset();
    this.target = { name, nth, fault };
    return this;
  }

  /** Counts anew, and breaks nothing. */
  reset(): this {
    this.calls.clear();
    this.blown = false;
    this.target = undefined;
    return this;
  }

  /** The target, with each of its methods but `close` going through the fuse. Methods that give a promise reject, others throw. */
  wrap<T extends object>(part: string, target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const method = Reflect.get(object, name) as unknown;
        if (typeof method !== 'function' || name === 'close') return method;
        return (...given: unknown[]): unknown =>
          this.through(`${part}.${String(name)}`, () => Reflect.apply(method, object, given) as unknown);
      },
    });
  }

  /** The store, with each transaction, and each write that is made outside of one, going through the fuse. */
  wrapStore(store: Store): Store {
    const { db } = store;
    const prepare = db.prepare.bind(db);
    db.prepare = ((sql: string) => {
      const statement = prepare(sql);
      const run = statement.run.bind(statement);
      statement.run = (...given: unknown[]) =>
        db.inTransaction ? run(...given) : this.through(`store ${sql.split(' (')[0] ?? ''}`, () => run(...given));
      return statement;
    }) as typeof db.prepare;
    return {
      ...store,
      transaction: (work) => this.through(`store ${caller()}`, () => store.transaction(work)),
    };
  }

  /** Makes a call, which may be the one to break. */
  through<T>(name: string, call: () => T): T {
    if (this.crashed) throw new Error('the process is gone');
    const nth = (this.calls.get(name) ?? 0) + 1;
    this.calls.set(name, nth);
    const breaks = this.target?.name === name && this.target.nth === nth ? this.target.fault : undefined;
    if (breaks === 'failed' || breaks === 'crash before') this.break(name, breaks);
    const result = call();
    if (!(result instanceof Promise)) return breaks === undefined ? result : this.break(name, breaks);
    this.underWay++;
    return result
      .finally(() => this.underWay--)
      .then((value: unknown) => {
        if (this.crashed) throw new Error('the process is gone');
        return breaks === undefined ? value : this.break(name, breaks);
      }) as T;
  }

  private break(name: string, fault: Fault): never {
    this.blown = true;
    this.crashed = fault.startsWith('crash');
    const what = `${name}: ${fault}`;
    throw name.startsWith('chain') ? new ChronosError('chain_unreachable', what) : new Error(what);
  }
}

/** The function that asked for the transaction. */
function caller(): string {
  const frames = (new Error().stack ?? '').split('\n').filter((line) => !line.includes('/test-support/'));
  return /at (?:async )?(?:Object\.)?([\w.]+)/.exec(frames[1] ?? '')?.[1] ?? 'transaction';
}
