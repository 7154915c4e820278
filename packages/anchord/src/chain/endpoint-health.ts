import { ChronosError, JsonRpcError, type NoAnswerFault } from '@chronos/shared';
import { Spell } from '../spell.js';

/** What kept an endpoint from answering; `error`: it answered one that says nothing to us; `wrong_chain`: it serves another one. */
export type EndpointFault = NoAnswerFault | 'error' | 'wrong_chain';

/** What happens at the endpoints of a chain. An endpoint is named by its origin alone: paths, queries and user names hold keys. */
export type EndpointEvent =
  /** `repeats`, here and elsewhere: it was told not long ago, and is counted and not logged. */
  | { event: 'endpoint_fault'; endpoint: string; kind: EndpointFault; detail: string; repeats: boolean }
  | { event: 'endpoint_recovered'; endpoint: string; faults: number; lastedMs: number }
  /** It answers, and knows of fewer final blocks than the others: nothing is final before it has caught up. */
  | { event: 'endpoint_behind'; endpoint: string; finalHeight: number; behindBlocks: number }
  | { event: 'endpoint_caught_up'; endpoint: string; lastedMs: number }
  /** What one says cannot be true if what another says is. */
  | { event: 'endpoints_disagree'; detail: string; repeats: boolean };

/** How an endpoint does. */
export interface EndpointState {
  endpoint: string;
  /** `faulty`: it gives no answers. `behind`: it does, of a chain that it does not know to its end. */
  state: 'ok' | 'faulty' | 'behind';
  detail?: string;
  /** For how long it is not ok. */
  forMs?: number;
  finalHeight?: number;
}

/** How far an endpoint may lag: about two minutes of Zilliqa's blocks. */
const BEHIND_BLOCKS = 100;

/** Keeps account of one endpoint, and tells what changes. */
export class EndpointHealth {
  private readonly faults = new Spell();
  /** Undefined where its last answer was one. */
  private lastFault: string | undefined;
  private behind: { sinceMs: number; blocks: number } | undefined;
  private finalHeight: number | undefined;

  constructor(
    readonly name: string,
    private readonly tell: (event: EndpointEvent) => void,
  ) {}

  noteAnswer(nowMs: number): void {
    this.lastFault = undefined;
    const ended = this.faults.end(nowMs);
    if (ended === undefined) return;
    this.tell({ event: 'endpoint_recovered', endpoint: this.name, faults: ended.count, lastedMs: ended.lastedMs });
  }

  noteFault(error: unknown, nowMs: number): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.lastFault = detail;
    const repeats = !this.faults.note(nowMs);
    this.tell({ event: 'endpoint_fault', endpoint: this.name, kind: faultOf(error), detail, repeats });
  }

  /** `highest`: the most that any endpoint knows of. */
  noteFinalHeight(finalHeight: number, highest: number, nowMs: number): void {
    this.finalHeight = finalHeight;
    const blocks = highest - finalHeight;
    if (blocks >= BEHIND_BLOCKS) {
      if (this.behind === undefined) {
        this.tell({ event: 'endpoint_behind', endpoint: this.name, finalHeight, behindBlocks: blocks });
      }
      this.behind = { sinceMs: this.behind?.sinceMs ?? nowMs, blocks };
    } else if (this.behind !== undefined) {
      this.tell({ event: 'endpoint_caught_up', endpoint: this.name, lastedMs: nowMs - this.behind.sinceMs });
      this.behind = undefined;
    }
  }

  state(nowMs: number): EndpointState {
    const known = {
      endpoint: this.name,
      ...(this.finalHeight === undefined ? {} : { finalHeight: this.finalHeight }),
    };
    if (this.lastFault !== undefined) {
      return { ...known, state: 'faulty', detail: this.lastFault, forMs: nowMs - (this.faults.sinceMs ?? nowMs) };
    }
    if (this.behind === undefined) return { ...known, state: 'ok' };
    const { blocks, sinceMs } = this.behind;
    const detail = `its last final block is ${this.finalHeight}, ${blocks} behind the others`;
    return { ...known, state: 'behind', detail, forMs: nowMs - sinceMs };
  }
}

/** As the endpoints may be shown, numbered where two would be shown alike. */
export function endpointNames(endpoints: readonly { endpoint: string }[]): string[] {
  const shown = endpoints.map(({ endpoint }) => endpoint);
  return shown.map((name, at) => {
    const number = shown.slice(0, at + 1).filter((other) => other === name).length;
    return shown.indexOf(name) === shown.lastIndexOf(name) ? name : `${name}#${number}`;
  });
}

function faultOf(error: unknown): EndpointFault {
  if (error instanceof JsonRpcError) return 'error';
  if (!(error instanceof ChronosError)) return 'malformed';
  if (error.code === 'invalid_settings') return 'wrong_chain';
  return (error.details['fault'] as EndpointFault | undefined) ?? 'malformed';
}
