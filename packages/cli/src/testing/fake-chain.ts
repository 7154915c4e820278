import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANCHORED_TOPIC, type Anchor } from '@chronos/shared';

/** What happened on the fake chain: one transaction that anchored one window. */
export interface FakeTransaction {
  anchor: Anchor;
  window: number;
  root: string;
}

/** An EVM node for one chain, as far as a verifier asks it; every answer can be bent. */
export class FakeChain {
  chainId = 31337;
  finalizedBlock = 1_000_000;
  /** Set, it answers every call with this HTTP status and no JSON. */
  brokenStatus: number | undefined;
  readonly transactions = new Map<string, FakeTransaction>();
  readonly calls: string[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (this.brokenStatus !== undefined) {
          response.writeHead(this.brokenStatus).end('<html>');
          return;
        }
        const call = JSON.parse(Buffer.concat(parts).toString()) as { id: number; method: string; params: string[] };
        this.calls.push(call.method);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, result: this.answer(call.method, call.params[0]) }));
      });
    });
  }

  static async start(): Promise<FakeChain> {
    const chain = new FakeChain();
    await new Promise<void>((resolve) => chain.server.listen(0, '127.0.0.1', resolve));
    chain.url = `http://127.0.0.1:${(chain.server.address() as AddressInfo).port}`;
    return chain;
  }

  /** Stays what it was when it is closed. */
  url = '';

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(method: string, parameter: string | undefined): unknown {
    if (method === 'eth_chainId') return quantity(this.chainId);
    if (method === 'eth_getTransactionReceipt') return this.receipt(parameter ?? '');
    if (method === 'eth_getBlockByNumber') return this.block(parameter ?? '');
    return null;
  }

  private receipt(id: string): unknown {
    const transaction = this.transactions.get(id);
    if (transaction === undefined) return null;
    const { anchor, window, root } = transaction;
    return {
      status: '0x1',
      blockNumber: quantity(anchor.block.number),
      blockHash: anchor.block.hash,
      logs: [
        {
          address: anchor.contract,
          topics: [ANCHORED_TOPIC, `0x${window.toString(16).padStart(64, '0')}`, `0x${root}`],
          data: '0x',
        },
      ],
    };
  }

  private block(name: string): unknown {
    if (name === 'finalized')
      return { number: quantity(this.finalizedBlock), hash: `0x${'f'.repeat(64)}`, timestamp: '0x1' };
    const found = [...this.transactions.values()].find(({ anchor }) => quantity(anchor.block.number) === name);
    if (found === undefined) return null;
    const { number, hash, time } = found.anchor.block;
    return { number: quantity(number), hash, timestamp: quantity(Date.parse(time) / 1000) };
  }
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}
