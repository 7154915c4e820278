import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MAX_DIGESTS_PER_CALL } from '@chronos/shared';
import { type AnchordProcess, startAnchord } from './support/anchord-process.js';
import { freePorts, ROOT, temporaryFolder } from './support/service.js';

// The real processes under more than they can take, or with nobody to give it to: memory stays bounded, and callers are told in time.

const TIME_LIMIT_MS = 180_000;
/** The calls that never end send as much as this by themselves. */
const ANCHORD_MAX_RSS_MB = 700;
const PROXY_MAX_RSS_MB = 500;
/** A call to anchord may take 10 s, and so may the wait for one; the rest is for a slow machine. */
const TOLD_WITHIN_MS = 45_000;

let temporary: ReturnType<typeof temporaryFolder>;
let running: { kill(signal: NodeJS.Signals): void; ended: Promise<unknown> }[];

beforeEach(() => {
  temporary = temporaryFolder();
  running = [];
});

afterEach(async () => {
  for (const { kill, ended } of running) {
    kill('SIGCONT');
    kill('SIGKILL');
    await ended;
  }
  temporary.remove();
});

async function startedAnchord(settings: Record<string, string> = {}): Promise<AnchordProcess> {
  const anchord = await startAnchord({ folder: temporary.folder, settings });
  running.push(anchord);
  return anchord;
}

/** The most memory that a process ever had. */
function peakMb(pid: number): number {
  return Number(/VmHWM:\s+([0-9]+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Calls that never end: each sends its head and half of the largest body, and holds on. */
function halfCalls(port: number, count: number): Promise<Socket[]> {
  const token = readFileSync(join(temporary.folder, 'secrets', 'private.token'), 'utf8');
  const length = MAX_DIGESTS_PER_CALL * 32;
  const head = `POST /digests HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`;
  const half = Buffer.alloc(length / 2, 7);
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.write(head);
            socket.write(half, () => {
              resolve(socket);
            });
          });
          socket.on('error', () => {
            resolve(socket);
          });
          socket.resume();
        }),
    ),
  );
}

describe('anchord', () => {
  test(
    'stays small under a flood of the largest calls and of calls that never end, and refuses with a time to come again',
    async () => {
      const anchord = await startedAnchord({ CHRONOS_WINDOW_SECONDS: '3600', CHRONOS_MAX_WINDOW_DIGESTS: '1000000' });
      const agent = new Agent({ keepAlive: true, maxSockets: 32 });
      const statuses = new Map<number, number>();
      const count = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // 1.6 million digests, of which the window takes one million.
      const body = randomBytes(MAX_DIGESTS_PER_CALL * 32);
      await Promise.all(
        Array.from({ length: 100 }, async (_, call) => {
          const digests = Buffer.from(body);
          for (let at = 0; at < digests.length; at += 32) digests.writeUInt32BE(call, at);
          const answer = await anchord.submit(digests, agent);
          count(answer.status);
          if (answer.status !== 200)
            expect(answer).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[0-9]+$/) });
        }),
      );
      expect(statuses.get(200)).toBe(Math.floor(1_000_000 / MAX_DIGESTS_PER_CALL));
      expect(statuses.get(503)).toBe(100 - statuses.get(200)!);

      // 2,800 half bodies of 256 kB: 700 MB, of which it holds 64.
      const sockets = await halfCalls(anchord.privatePort, 2_800);
      const refused: string[] = [];
      for (let i = 0; i < 50; i++) {
        const answer = await anchord.submit(randomBytes(MAX_DIGESTS_PER_CALL * 32), agent);
        expect(answer.status).toBe(503);
        refused.push(answer.retryAfter!);
      }
      expect(new Set(refused).size).toBeGreaterThan(1); // spread out
      for (const socket of sockets) socket.destroy();
      expect(peakMb(anchord.pid)).toBeLessThan(ANCHORD_MAX_RSS_MB);

      // The senders are gone, so there is room again; and a new window takes digests.
      await anchord.admin('/close-window', 'POST');
      let status = 0;
      while (status !== 200) ({ status } = await anchord.submit(randomBytes(32 * 1000), agent));
      agent.destroy();
    },
    TIME_LIMIT_MS,
  );
});

describe('a proxy whose anchord hangs', () => {
  test(
    'tells all callers in time and stays small; goes on as soon as anchord does',
    async () => {
      const anchord = await startedAnchord();
      const { public: port } = await freePorts();
      const proxy = startProxy(port, anchord.privatePort);
      const url = `http://127.0.0.1:${port}`;
      await until(() => statusOf(`${url}/readyz`), 200);

      // 40 times 10,000 digests: twice what may wait. Were nobody refused for waiting, the last would be told after 70 s.
      const bodies = Array.from({ length: 40 }, () =>
        JSON.stringify({ digests: Array.from({ length: 10_000 }, () => randomBytes(32).toString('hex')) }),
      );
      anchord.kill('SIGSTOP');
      const before = performance.now();
      const answers = await Promise.all(bodies.map((body) => submit(url, body)));
      expect(performance.now() - before).toBeLessThan(TOLD_WITHIN_MS);
      for (const { status, retryAfter } of answers) expect([status, Number(retryAfter) >= 1]).toEqual([503, true]);
      expect(new Set(answers.map(({ retryAfter }) => retryAfter)).size).toBeGreaterThan(1);
      expect(await statusOf(`${url}/readyz`)).toBe(503);
      expect(await statusOf(`${url}/healthz`)).toBe(200);
      expect(peakMb(proxy.pid)).toBeLessThan(PROXY_MAX_RSS_MB);

      anchord.kill('SIGCONT');
      await until(() => statusOf(`${url}/readyz`), 200);
      expect(await submit(url, JSON.stringify({ digest: randomBytes(32).toString('hex') }))).toMatchObject({
        status: 202,
      });
    },
    TIME_LIMIT_MS,
  );
});

function startProxy(port: number, anchordPort: number): { pid: number } {
  const child = spawn(process.execPath, [join(ROOT, 'packages', 'proxy', 'bin', 'chronos-proxy.js')], {
    env: {
      PATH: process.env['PATH'],
      CHRONOS_NETWORK: 'local',
      CHRONOS_PORT: String(port),
      CHRONOS_METRICS_PORT: '0',
      CHRONOS_ANCHORD_URL: `http://127.0.0.1:${anchordPort}`,
      CHRONOS_PRIVATE_TOKEN_FILE: join(temporary.folder, 'secrets', 'private.token'),
    },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  running.push({ kill: (signal) => child.kill(signal), ended });
  return { pid: child.pid! };
}

async function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}

async function until(ask: () => Promise<number>, wanted: number): Promise<void> {
  while ((await ask()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function submit(url: string, body: string): Promise<{ status: number; retryAfter: string | null }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v1/timestamps`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
}
