import type { ChainReader, ChainTransaction } from './chain-reader.js';
import { ChronosError } from './errors.js';
import { JsonRpcClient, JsonRpcError } from './json-rpc.js';

/** What the readers of both kinds of chain share: one endpoint, which is made sure of before it is believed. */
export abstract class RpcReader implements ChainReader {
  readonly endpoint: string;
  protected readonly rpc: JsonRpcClient;
  private chainChecked = false;

  /** `chain` is as proofs name it; an endpoint that serves another chain is `chain_unreachable`. */
  constructor(
    readonly chain: string,
    url: string,
    options: { timeoutMs?: number; fetch?: typeof fetch } = {},
  ) {
    this.rpc = new JsonRpcClient(url, options);
    this.endpoint = this.rpc.endpoint;
  }

  async findTransaction(id: string): Promise<ChainTransaction | undefined> {
    try {
      await this.checkChain();
      return await this.readTransaction(id);
    } catch (error) {
      if (!(error instanceof JsonRpcError)) throw error;
      throw new ChronosError('chain_unreachable', `the node refuses: ${error.message} (${error.code})`, {}, error);
    }
  }

  /** The chain that the endpoint serves, as proofs name it. */
  protected abstract servedChain(): Promise<string>;

  protected abstract readTransaction(id: string): Promise<ChainTransaction | undefined>;

  private async checkChain(): Promise<void> {
    if (this.chainChecked) return;
    const served = await this.servedChain();
    if (served !== this.chain) {
      throw new ChronosError(
        'chain_unreachable',
        `this endpoint serves ${served}, the proof is anchored on ${this.chain}`,
        { servedChain: served },
      );
    }
    this.chainChecked = true;
  }
}
