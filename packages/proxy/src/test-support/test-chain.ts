import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANCHORED_TOPIC, type Proof } from '@chronos/shared';

const hex = (value: number) => `0x${value.toString(16)}`;

/** A node that knows the anchors of one proof, over Ethereum's JSON-RPC. */
export class TestChain {
  private server: Server | undefined;
  /** Answers wait for it while it is set. */
  gate: Promise<unknown> | undefined;
  asked = 0;

  constructor(private readonly chainId: number) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  async start(proof: Proof): Promise<this> {
    this.server = createServer((req, res) => void this.serve(proof, req, res));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    this.server!.closeAllConnections();
    await closed;
  }

  private async serve(proof: Proof, req: IncomingMessage, res: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of req) text += String(chunk);
    const { id, method, params } = JSON.parse(text);
    this.asked++;
    await this.gate;
    const result = this.answer(proof, method, params);
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  }

  private answer(proof: Proof, method: string, [what]: unknown[]): unknown {
    const [anchor] = proof.anchors as {
      transaction: string;
      contract: string;
      block: Record<'hash' | 'time', string> & { number: number };
    }[];
    if (method === 'eth_chainId') return hex(this.chainId);
    if (anchor === undefined) return null;
    const { number, hash, time } = anchor.block;
    if (method === 'eth_getBlockByNumber')
      return { number: hex(number), hash, timestamp: hex(Date.parse(time) / 1000) };
    if (method !== 'eth_getTransactionReceipt' || what !== anchor.transaction) return null;
    const topics = [
      ANCHORED_TOPIC,
      `0x${proof.window.id.toString(16).padStart(64, '0')}`,
      `0x${proof.inclusion!.root}`,
    ];
    return {
      status: '0x1',
      blockNumber: hex(number),
      blockHash: hash,
      logs: [{ address: anchor.contract, topics, data: '0x' }],
    };
  }
}
