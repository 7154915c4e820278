import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RpcCall {
  id: number;
  method: string;
  params: unknown[];
}

/** What a node says: one of the two. */
export interface RpcAnswer {
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** What the endpoint does with a call instead of handing the node's answer on. */
export type Fault =
  | RpcAnswer
  | { status?: number; text: string; headers?: Record<string, string> }
  /** `hang`: takes the call and never answers. `refuse`: breaks the connection off. `cut`: does so in the midst of the answer. */
  | 'hang'
  | 'refuse'
  | 'cut';

/** Undefined: as the node. `ask` gives the node's answer, so that it can be rewritten, or kept back when the node has acted. */
export type Rule = (call: RpcCall, ask: () => Promise<RpcAnswer>) => Promise<Fault | undefined> | Fault | undefined;

/** An endpoint in front of a real node, which misbehaves as told. */
export interface FaultProxy {
  readonly url: string;
  /** The calls that came, of whatever became of them. */
  readonly calls: RpcCall[];
  rule: Rule;
  close(): Promise<void>;
}

export const well: Rule = () => undefined;

export const HTML: Fault = { status: 502, text: '<html><body>Bad gateway</body></html>' };

/** The node's answer to one method, rewritten; all else as the node says it. */
export function rewriting<T>(method: string, rewrite: (result: T, params: unknown[]) => unknown): Rule {
  return async (call, ask) => {
    if (call.method !== method) return undefined;
    const answer = await ask();
    return answer.result === undefined || answer.result === null
      ? answer
      : { result: rewrite(answer.result as T, call.params) };
  };
}

/** A node that stopped at this height and goes on answering. */
export function haltedAt(height: number, nodeUrl: string): Rule {
  const tags: Record<string, number> = { latest: height, pending: height, finalized: height - 2 };
  const toHex = (number: number) => `0x${number.toString(16)}`;
  return async (call) => {
    const params = call.params.map((param) => {
      const tag = typeof param === 'string' ? tags[param] : undefined;
      return tag === undefined ? param : toHex(tag);
    });
    const isAbove = (quantity: unknown) => typeof quantity === 'string' && Number(quantity) > height;
    if (call.method === 'eth_getBlockByNumber' && isAbove(params[0])) return { result: null };
    const answer = await askNode(nodeUrl, { ...call, params });
    const { blockNumber } = (answer.result ?? {}) as { blockNumber?: unknown };
    return call.method.startsWith('eth_getTransaction') && isAbove(blockNumber) ? { result: null } : answer;
  };
}

export async function startFaultProxy(nodeUrl: string): Promise<FaultProxy> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = JSON.parse(Buffer.concat(chunks).toString()) as RpcCall;
      proxy.calls.push(call);
      let asked: Promise<RpcAnswer> | undefined;
      const ask = () => (asked ??= askNode(nodeUrl, call));
      Promise.resolve(proxy.rule(call, ask))
        .then(async (fault) => {
          answer(response, call, fault ?? (await ask()));
        })
        // The node was stopped, or the rule is wrong: the client sees a broken connection, and the test what follows from it.
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    rule: well,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return proxy;
}

async function askNode(url: string, call: RpcCall): Promise<RpcAnswer> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...call }) });
  const { result, error } = (await response.json()) as RpcAnswer;
  return error === undefined ? { result } : { error };
}

function answer(response: ServerResponse, { id }: RpcCall, fault: Fault): void {
  if (fault === 'hang') return;
  if (fault === 'refuse') response.destroy();
  else if (fault === 'cut') {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"jsonrpc":"2.0",', () => response.destroy());
  } else if ('text' in fault) response.writeHead(fault.status ?? 200, fault.headers).end(fault.text);
  else response.end(JSON.stringify({ jsonrpc: '2.0', id, ...fault }));
}
