import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Anchor,
  concatBytes,
  fromHex,
  isoTime,
  MerkleTree,
  type Proof,
  PROOF_FORMAT,
  toHex,
  windowRecord,
  inclusionPath,
  leafHash,
  nodeHash,
  treeRoot,
} from '@chronos/shared';
import type { FakeChain } from './fake-chain.js';

const WINDOW_SECONDS = 30;
/** The first window; each further one follows directly. */
export const FIRST_WINDOW = 1_795_171_200;
export const CONTRACT = `0x${'ab'.repeat(20)}`;

interface Entry {
  salt: string;
  window: number;
  leafIndex: number;
}

interface Window {
  id: number;
  tree: MerkleTree;
  logIndex?: number;
  anchor?: Anchor;
}

/** The REST API over a state in memory, with proofs that are really right. It anchors when told to, or whenever somebody waits for a proof. */
export class FakeService {
  /** What a held request (`?wait=`) does: anchor the window at once, or answer "not yet". */
  onWait: 'anchor' | 'pending' = 'anchor';
  /** Bends each proof before it is served. */
  bend: (proof: Proof) => Proof = (proof) => proof;
  /** The next requests are answered with this problem. */
  readonly problems: { status: number; code: string; retryAfter?: number }[] = [];
  readonly requests: { method: string; path: string; body: unknown }[] = [];
  /** Called at each request, before it is answered. */
  onRequest: (path: string) => void = () => undefined;

  private readonly entries = new Map<string, Entry>();
  private readonly windows: Window[] = [];
  private readonly log = new WindowLog();
  private readonly server: Server;

  private constructor(private readonly chain: FakeChain) {
    this.server = createServer((request, response) => void this.handle(request, response));
  }

  static async start(chain: FakeChain): Promise<FakeService> {
    const service = new FakeService(chain);
    await new Promise<void>((resolve) => service.server.listen(0, '127.0.0.1', resolve));
    service.url = `http://127.0.0.1:${(service.server.address() as AddressInfo).port}`;
    return service;
  }

  /** Stays what it was when it is closed. */
  url = '';

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  knows(submitted: string): boolean {
    return this.entries.has(submitted);
  }

  /** Closes the open window and anchors it. */
  anchorWindow(): void {
    const window = this.windows.at(-1);
    if (window === undefined || window.anchor !== undefined) return;
    const root = toHex(window.tree.root());
    this.log.append(windowRecord(window.id, window.tree.size, window.tree.root()));
    window.logIndex = this.log.size - 1;
    window.anchor = {
      type: 'zilliqa-evm',
      chain: `eip155:${this.chain.chainId}`,
      contract: CONTRACT,
      transaction: `0x${sha256Hex(`transaction ${window.id}`)}`,
      block: {
        number: 1000 + window.logIndex,
        hash: `0x${sha256Hex(`block ${window.id}`)}`,
        time: isoTime((window.id + WINDOW_SECONDS + 3) * 1000),
      },
    };
    this.chain.transactions.set(window.anchor.transaction, { anchor: window.anchor, window: window.id, root });
  }

  /** The proof of what was submitted, as it stands. */
  proof(submitted: string): Proof | undefined {
    const entry = this.entries.get(submitted);
    const window = this.windows.find(({ id }) => id === entry?.window);
    if (entry === undefined || window === undefined) return undefined;
    const { salt, leafIndex } = entry;
    const { tree, logIndex, anchor } = window;
    return this.bend({
      format: PROOF_FORMAT,
      digest: { algorithm: 'sha256', value: submitted },
      salt,
      receivedAt: isoTime(window.id * 1000 + 3120),
      window: { id: window.id, seconds: WINDOW_SECONDS },
      ...(anchor === undefined || logIndex === undefined
        ? {}
        : {
            inclusion: {
              leafIndex,
              treeSize: tree.size,
              path: tree.path(leafIndex).map(toHex),
              root: toHex(tree.root()),
            },
            log: {
              index: logIndex,
              treeSize: this.log.size,
              path: this.log.path(logIndex).map(toHex),
              root: toHex(this.log.root()),
            },
          }),
      anchors: anchor === undefined ? [] : [anchor],
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? '/', 'http://service');
    const body =
      parts.length === 0 ? undefined : (JSON.parse(Buffer.concat(parts).toString()) as { digests: string[] });
    this.requests.push({ method: request.method ?? '', path: url.pathname + url.search, body });
    this.onRequest(url.pathname);
    const answer = (status: number, value: object, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    const problem = (status: number, code: string, retryAfter?: number) =>
      answer(
        status,
        { type: 'about:blank', title: code, status, detail: `the service says ${code}`, code, requestId: 'r1' },
        retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
      );
    const next = this.problems.shift();
    if (next !== undefined) return void problem(next.status, next.code, next.retryAfter);
    if (url.pathname === '/api/v1/timestamps') {
      return void answer(202, { items: body!.digests.map((digest) => this.submit(digest)) });
    }
    if (url.pathname === '/api/v1/proofs') {
      const items = body!.digests.map((digest) => {
        const proof = this.proof(digest);
        const status = proof === undefined ? 'unknown' : proof.anchors.length > 0 ? 'final' : 'collecting';
        return { digest, status, proof: proof ?? null };
      });
      return void answer(200, { items });
    }
    if (url.pathname === '/api/v1/status') return void answer(200, this.status());
    const digest = url.pathname.split('/').at(-1) ?? '';
    if (url.searchParams.has('wait') && this.onWait === 'anchor') this.anchorWindow();
    const proof = this.proof(digest);
    if (proof === undefined) return void problem(404, 'unknown_digest');
    if (proof.anchors.length > 0) answer(200, proof);
    else answer(202, proof, { 'retry-after': '1' });
  }

  private submit(digest: string): object {
    const exists = this.entries.has(digest);
    if (!exists) this.add(digest);
    const { salt, window } = this.entries.get(digest)!;
    return {
      digest,
      status: exists ? 'exists' : 'accepted',
      salt,
      receivedAt: isoTime(window * 1000 + 3120),
      window: { id: window, seconds: WINDOW_SECONDS, closesAt: isoTime((window + WINDOW_SECONDS) * 1000) },
      proofUrl: `/api/v1/proofs/${digest}`,
    };
  }

  private add(digest: string): void {
    let open = this.windows.at(-1);
    if (open === undefined || open.anchor !== undefined) {
      open = { id: FIRST_WINDOW + this.windows.length * WINDOW_SECONDS, tree: new MerkleTree() };
      this.windows.push(open);
    }
    const salt = sha256Hex(`salt ${digest}`).slice(0, 32);
    this.entries.set(digest, { salt, window: open.id, leafIndex: open.tree.size });
    open.tree.append(concatBytes(fromHex(digest), fromHex(salt)));
  }

  private status(): object {
    const last = this.windows.findLast(({ anchor }) => anchor !== undefined);
    return {
      version: '0.1.0',
      now: isoTime(FIRST_WINDOW * 1000),
      window: {
        id: FIRST_WINDOW,
        seconds: WINDOW_SECONDS,
        closesAt: isoTime(FIRST_WINDOW * 1000),
        secondsLeft: 7,
        digests: 12,
      },
      anchoringLagSeconds: 0,
      totals: { digests: this.entries.size, windows: this.windows.length },
      lastFinal: (last?.anchor && { window: last.id, finalAt: last.anchor.block.time, anchors: [last.anchor] }) || null,
      chains: [{ type: 'zilliqa-evm', chain: `eip155:${this.chain.chainId}`, contract: CONTRACT, state: 'ok' }],
    };
  }
}

/** The log of windows, small enough to be hashed anew each time. */
class WindowLog {
  private readonly leaves: Uint8Array[] = [];

  get size(): number {
    return this.leaves.length;
  }

  append(record: Uint8Array): void {
    this.leaves.push(leafHash(record));
  }

  root(): Uint8Array {
    return treeRoot(this.size, this.node);
  }

  path(index: number): Uint8Array[] {
    return inclusionPath(index, this.size, this.node);
  }

  private readonly node = (level: number, index: number): Uint8Array =>
    level === 0 ? this.leaves[index]! : nodeHash(this.node(level - 1, 2 * index), this.node(level - 1, 2 * index + 1));
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
