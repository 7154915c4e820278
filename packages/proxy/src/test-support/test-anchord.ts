import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ChronosError,
  encodeProofItems,
  isoTime,
  leafHash,
  entryHash,
  problemOf,
  type Proof,
  type ProofItem,
  ReceiptWriter,
  toHex,
  windowRecord,
} from '@chronos/shared';

export const TEST_TOKEN = 'a token for tests of at least 32 characters'.replaceAll(' ', '-');

/** A call that came in. */
export interface SeenCall {
  method: string;
  /** Path and query. */
  url: string;
  requestId: string;
  digests: string[];
}

interface Entry {
  digest: string;
  salt: Uint8Array;
  receivedAtMs: number;
  windowId: number;
}

export const WINDOW_SECONDS = 30;

/** A real HTTP server that speaks anchord's private protocol, with its state in memory and everything it does in the test's hands. */
export class TestAnchord extends EventEmitter {
  readonly calls: SeenCall[] = [];
  readonly entries = new Map<string, Entry>();
  readonly finalWindows = new Set<number>();
  windowId = 1795171560;
  /** What callers have to send. */
  token = TEST_TOKEN;
  /** What the public GETs answer, by path and query. */
  readonly publicReplies = new Map<string, unknown>();
  /** Answers in place of the usual one while it is set. */
  override: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  /** While set, answers wait for it. */
  gate: Promise<unknown> | undefined;
  private server: Server | undefined;

  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  /** `port` 0: any. */
  async start(port = 0): Promise<this> {
    this.server = createServer((req, res) => void this.answer(req, res));
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    this.server!.closeAllConnections();
    await closed;
  }

  /** Resolves when the next call to `path` has come in. */
  async nextCall(path: string): Promise<SeenCall> {
    for (;;) {
      const [call] = (await once(this, 'call')) as [SeenCall];
      if (call.url.startsWith(path)) return call;
    }
  }

  callsTo(path: string): SeenCall[] {
    return this.calls.filter(({ url }) => url.startsWith(path));
  }

  finalize(windowId: number): void {
    this.finalWindows.add(windowId);
    this.emit('final', windowId);
  }

  private async answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const digests = Array.from({ length: body.length / 32 }, (_, i) =>
      body.subarray(32 * i, 32 * i + 32).toString('hex'),
    );
    const call = { method: req.method!, url: req.url!, requestId: String(req.headers['x-request-id']), digests };
    this.calls.push(call);
    this.emit('call', call);
    if (this.gate !== undefined) await this.gate;
    if (this.override !== undefined) this.override(req, res);
    else if (req.headers.authorization !== `Bearer ${this.token}`) {
      answerProblem(res, new ChronosError('unauthorized', 'send the right token'));
    } else if (req.url === '/digests') res.end(this.admit(digests));
    else if (req.url === '/proofs') res.end(encodeProofItems(digests.map((digest) => this.proofItem(digest))));
    else if (req.url === '/readyz') res.end('ready');
    else if (req.url!.startsWith('/windows/')) this.holdForWindow(Number(req.url!.split('/')[2]), res);
    else this.answerPublic(req.url!, res);
  }

  private admit(digests: string[]): Uint8Array {
    const writer = new ReceiptWriter(digests.length);
    for (const digest of digests) {
      const known = this.entries.get(digest);
      const entry = known ?? {
        digest,
        salt: createHash('sha256').update(digest).digest().subarray(0, 16),
        receivedAtMs: this.windowId * 1000 + this.entries.size,
        windowId: this.windowId,
      };
      this.entries.set(digest, entry);
      const status = known === undefined ? 'accepted' : 'exists';
      writer.write(status, entry.salt, 0, entry.receivedAtMs, entry.windowId, WINDOW_SECONDS);
    }
    return writer.bytes;
  }

  proofItem(digest: string): ProofItem {
    const entry = this.entries.get(digest);
    if (entry === undefined) return { status: 'unknown', finalAtMs: 0, json: new Uint8Array(0) };
    const isFinal = this.finalWindows.has(entry.windowId);
    return {
      status: isFinal ? 'final' : 'collecting',
      finalAtMs: (entry.windowId + 45) * 1000,
      json: Buffer.from(JSON.stringify(proofOf(entry, isFinal))),
    };
  }

  private holdForWindow(windowId: number, res: ServerResponse): void {
    const release = () => {
      if (!this.finalWindows.has(windowId)) return;
      this.off('final', release);
      res.writeHead(204).end();
    };
    this.on('final', release);
    res.once('close', () => {
      this.off('final', release);
      this.emit('let go');
    });
    release();
  }

  private answerPublic(url: string, res: ServerResponse): void {
    const reply = this.publicReplies.get(url);
    if (reply === undefined) answerProblem(res, new ChronosError('unknown_window', 'there is no such window'));
    else res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(reply));
  }
}

export function answerProblem(res: ServerResponse, error: ChronosError): void {
  const { retryAfterSeconds } = error.details;
  if (retryAfterSeconds !== undefined) res.setHeader('retry-after', retryAfterSeconds);
  res.writeHead(error.status, { 'content-type': 'application/problem+json' });
  res.end(JSON.stringify(problemOf(error, '-')));
}

/** A proof of a window with this one digest, whose hashes are right; its anchor is made up. */
function proofOf({ digest, salt, receivedAtMs, windowId }: Entry, isFinal: boolean): Proof {
  const root = leafHash(entryHash(Buffer.from(digest, 'hex'), salt));
  const logRoot = leafHash(windowRecord(windowId, 1, root));
  return {
    format: 'chronos-proof/1',
    digest: { algorithm: 'sha256', value: digest },
    salt: toHex(salt),
    receivedAt: isoTime(receivedAtMs),
    window: { id: windowId, seconds: WINDOW_SECONDS },
    ...(isFinal
      ? {
          inclusion: { leafIndex: 0, treeSize: 1, path: [], root: toHex(root) },
          log: { index: 0, treeSize: 1, path: [], root: toHex(logRoot) },
        }
      : {}),
    anchors: isFinal
      ? [
          {
            type: 'zilliqa-evm',
            chain: 'eip155:31337',
            contract: `0x${'ab'.repeat(20)}`,
            transaction: `0x${'cd'.repeat(32)}`,
            block: { number: 7, hash: `0x${'ef'.repeat(32)}`, time: isoTime((windowId + 33) * 1000) },
          },
        ]
      : [],
  };
}
