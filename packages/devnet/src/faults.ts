import { z } from 'zod';
import { CODES, RpcError } from './rpc-error.js';

/** What `devnet_fault` takes. */
export const faultSchema = z.strictObject({
  kind: z.enum(['drop', 'delay', 'acceptThenError', 'html', 'rateLimit', 'hang', 'refuse']),
  /** The calls that it befalls: CreateTransaction for drop, delay, acceptThenError and refuse, every native call for the others. */
  method: z.string().optional(),
  count: z.union([z.int().min(1), z.literal('always')]).default(1),
  /** html, rateLimit, hang: do as told first, and only then answer badly. */
  after: z.boolean().default(false),
  /** delay: how many blocks pass the transaction by. */
  blocks: z.int().min(1).default(5),
  /** refuse, acceptThenError: the error. */
  code: z.int().optional(),
  message: z.string().optional(),
});

export type FaultOptions = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;

const OF_TRANSACTIONS: readonly Fault['kind'][] = ['drop', 'delay', 'acceptThenError', 'refuse'];

/** The faults that were asked for and have not happened yet. */
export class Faults {
  #waiting: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.count === 'always' ? Infinity : fault.count });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that befalls this call, the oldest first; it is used up by that. */
  take(method: string): Fault | undefined {
    const hit = this.#waiting.find(({ fault }) => this.#befalls(fault, method));
    if (hit === undefined) return undefined;
    hit.left -= 1;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return hit.fault;
  }

  #befalls({ kind, method }: Fault, called: string): boolean {
    return method === undefined ? !OF_TRANSACTIONS.includes(kind) || called === 'CreateTransaction' : method === called;
  }
}

/** What the rate limiter of Zilliqa 2 says. */
export const rateLimited = () => new RpcError(CODES.rateLimit, 'RPC_RATE_LIMIT');

/** As mainnet refuses native transactions since July 2026, unless told otherwise. */
export const refusal = ({ code, message }: Fault) =>
  new RpcError(code ?? CODES.disabled, message ?? 'CreateTransaction is disabled');

export const lateError = ({ code, message }: Fault) =>
  new RpcError(code ?? CODES.internal, message ?? 'Internal error');

/** What a gateway answers when the node behind it is gone. */
export const HTML_PAGE =
  '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
