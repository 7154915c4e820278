import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { problemSchema, type Problem } from '@chronos/shared';
import { expect } from '@jest/globals';
import { pino } from 'pino';
import { type Clock, systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { type Proxy, startProxy } from '../proxy.js';
import { TEST_TOKEN, TestAnchord } from './test-anchord.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
}

/** A proxy, started as production starts it, in front of a {@link TestAnchord}. */
export class TestProxy {
  readonly logLines: string[] = [];
  private constructor(
    readonly anchord: TestAnchord,
    readonly config: Config,
    private proxy: Proxy | undefined,
  ) {}

  static async start(
    settings: Partial<Config> = {},
    limits: Partial<Limits> = {},
    clock: Clock = systemClock,
  ): Promise<TestProxy> {
    const anchord = await new TestAnchord().start();
    const config: Config = {
      host: '127.0.0.1',
      port: 0,
      anchordUrl: anchord.url,
      privateTokenFile: join(mkdtempSync(join(tmpdir(), 'chronos-proxy-')), 'token'),
      network: 'local',
      trustedProxies: [],
      quotas: { requests: 0, digests: 0, verifications: 0 },
      connectionsPerClient: 0,
      metrics: { host: '127.0.0.1', port: 0 },
      drainMs: 0,
      logLevel: 'info',
      accessLog: 'errors',
      ...settings,
      limits: { ...DEFAULT_LIMITS, ...limits },
    };
    const started = new TestProxy(anchord, config, undefined);
    started.writeToken(TEST_TOKEN);
    const lines = new Writable({
      write: (chunk, _encoding, done) => {
        started.logLines.push(String(chunk));
        done();
      },
    });
    started.proxy = await startProxy(config, { logger: pino({ level: config.logLevel }, lines), clock });
    return started;
  }

  get port(): number {
    return this.proxy!.port;
  }

  /** Puts a token into the file that the proxy's settings name. */
  writeToken(token: string): void {
    writeFileSync(this.config.privateTokenFile, `${token}\n`, { mode: 0o600 });
  }

  closeProxy(hurry?: AbortSignal): Promise<void> {
    return this.proxy!.close(hurry);
  }

  /** The metrics' samples, by name and labels as Prometheus writes them. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const response = await fetch(`http://127.0.0.1:${this.proxy!.metricsPort}/metrics`);
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
    );
  }

  async close(): Promise<void> {
    await this.closeProxy();
    await this.anchord.stop();
    rmSync(dirname(this.config.privateTokenFile), { recursive: true });
  }

  /** Sends one request on a connection of its own. `signal` takes the client away. */
  send(
    method: string,
    path: string,
    {
      body,
      headers = {},
      signal,
    }: { body?: string | Buffer; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: this.port,
        method,
        path,
        headers,
        agent: false,
        ...(signal && { signal }),
      };
      const req = request(options, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: res.statusCode!, headers: res.headers, bytes, text: bytes.toString() });
        });
      });
      req.on('error', reject);
      req.end(body);
    });
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  /** POSTs JSON; a string goes out as it is. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, {
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }
}

export function randomDigest(): string {
  return randomBytes(32).toString('hex');
}

/** The problem that an answer tells, its form checked. */
export function problemIn({ status, headers, text }: Answer): Problem {
  expect(headers['content-type']).toBe('application/problem+json');
  expect(headers['access-control-allow-origin']).toBe('*');
  const problem = problemSchema.parse(JSON.parse(text));
  expect(problem.status).toBe(status);
  expect(problem.type).toBe(`urn:chronos:error:${problem.code}`);
  expect(problem.requestId).toBe(headers['x-request-id']);
  if (status === 503) expect(headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
  return problem;
}

/** A promise with its resolve in hand. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
