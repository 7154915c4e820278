import { z } from 'zod';
import { type Fault, type Faults, lateError, rateLimited, refusal } from './faults.js';
import type { Ledger } from './ledger.js';
import type { Method } from './methods.js';
import { CODES, RpcError } from './rpc-error.js';

/** A body to send, a gateway's page instead, or silence. */
export type Reply = { kind: 'json'; body: unknown } | { kind: 'html' } | { kind: 'hang' };

const callSchema = z.object({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

const MAX_BATCH = 100;

/** JSON-RPC 2.0 over the methods of the chain and, for callers of this machine, those of the admin. */
export class Rpc {
  constructor(
    private readonly parts: {
      native: Readonly<Record<string, Method>>;
      admin: Readonly<Record<string, Method>>;
      faults: Faults;
      ledger: Ledger;
    },
  ) {}

  /** Answers one request body; a fault in a batch befalls the whole batch. */
  answer(text: string, { isLocal }: { isLocal: boolean }): Reply {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return { kind: 'json', body: failed(null, new RpcError(CODES.parse, 'Parse error')) };
    }
    if (!Array.isArray(body)) return this.#answerCall(body, isLocal);
    if (body.length === 0 || body.length > MAX_BATCH)
      return { kind: 'json', body: failed(null, new RpcError(CODES.invalidRequest, 'Invalid request')) };
    const replies = body.map((call) => this.#answerCall(call, isLocal));
    const bodies = replies.flatMap((reply) => (reply.kind === 'json' ? [reply.body] : []));
    return replies.find(({ kind }) => kind !== 'json') ?? { kind: 'json', body: bodies };
  }

  #answerCall(call: unknown, isLocal: boolean): Reply {
    const parsed = callSchema.safeParse(call);
    if (!parsed.success)
      return { kind: 'json', body: failed(null, new RpcError(CODES.invalidRequest, 'Invalid request')) };
    const { id = null, method, params } = parsed.data;
    try {
      const result = this.#run(method, params, isLocal);
      if (result === 'html' || result === 'hang') return { kind: result };
      return { kind: 'json', body: { id, jsonrpc: '2.0', result: result.value } };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return { kind: 'json', body: failed(id, error) };
    }
  }

  #run(name: string, params: readonly unknown[], isLocal: boolean): { value: unknown } | 'html' | 'hang' {
    const { native, admin, faults } = this.parts;
    if (isLocal && Object.hasOwn(admin, name)) return { value: admin[name]!(params) };
    if (!Object.hasOwn(native, name)) throw new RpcError(CODES.methodNotFound, 'Method not found');
    const method = native[name]!;
    const fault = faults.take(name);
    return fault === undefined ? { value: method(params) } : this.#runFaulty(() => method(params), fault);
  }

  #runFaulty(run: () => unknown, fault: Fault): { value: unknown } | 'html' | 'hang' {
    if (fault.kind === 'refuse') throw refusal(fault);
    const isDone = ['drop', 'delay', 'acceptThenError'].includes(fault.kind) || fault.after;
    const value = isDone ? run() : undefined;
    switch (fault.kind) {
      case 'acceptThenError':
        throw lateError(fault);
      case 'rateLimit':
        throw rateLimited();
      case 'drop':
        this.parts.ledger.pool.remove(transactionId(value));
        return { value };
      case 'delay':
        this.parts.ledger.pool.delay(transactionId(value), this.parts.ledger.head.number + 1 + fault.blocks);
        return { value };
      case 'html':
      case 'hang':
        return fault.kind;
    }
  }
}

const created = z.object({ TranID: z.string() });

/** Of an answer of CreateTransaction; of another's, none. */
function transactionId(value: unknown): string {
  const parsed = created.safeParse(value);
  return parsed.success ? parsed.data.TranID.replace(/^0x/, '') : '';
}

function failed(id: string | number | null, { code, message }: RpcError): object {
  return { id, jsonrpc: '2.0', error: { code, message, data: null } };
}
