import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A node that fails in another way each time, and repeats what it was sent where it can. */
export async function startLeakyNode(): Promise<{ port: number; asked(): number; close(): void }> {
  let asked = 0;
  const ways: RequestListener[] = [
    (request, response) =>
      response.writeHead(401).end(`<html>no access to ${request.url} with ${request.headers.authorization}`),
    (request, response) => {
      const message = `no access for ${request.headers.authorization} to ${request.url}`;
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message, data: { message } } }));
    },
    (request, response) => {
      const message = `internal error at ${request.url}`;
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32603, message } }));
    },
    (_request, response) => response.destroy(),
    (request, response) => response.writeHead(429, { 'retry-after': '1' }).end(`${request.url}`),
    (request, response) => response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: request.url })),
  ];
  const server = createServer((request, response) => {
    request.resume();
    ways[asked++ % ways.length]!(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked: () => asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
