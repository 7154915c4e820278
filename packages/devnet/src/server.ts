import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HTML_PAGE } from './faults.js';
import type { Rpc } from './rpc.js';

/** More than twice the longest code that a transaction may carry. */
const MAX_BODY_BYTES = 1_000_000;

/** Of the address that a socket names, IPv4 in IPv6 too. */
export const isLoopback = (address = ''): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

/** Listens, and gives the port. Admin calls are for callers of this machine, wherever else it listens. */
export async function listen(rpc: Rpc, { host, port }: { host: string; port: number }): Promise<[Server, number]> {
  const server = createServer((request, response) => {
    handle(rpc, request, response).catch((error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return [server, (server.address() as AddressInfo).port];
}

/** Frees the port, and lets go of callers that a fault keeps waiting. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

async function handle(rpc: Rpc, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
  const text = await readBody(request);
  if (text === undefined) return void response.writeHead(413, { connection: 'close' }).end();
  const reply = rpc.answer(text, { isLocal: isLoopback(request.socket.remoteAddress) });
  if (reply.kind === 'html') response.writeHead(502, { 'content-type': 'text/html' }).end(HTML_PAGE);
  else if (reply.kind === 'json')
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  // A hang leaves the response open.
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
