import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freeFirstPort, ROOT, temporaryFolder } from './support/service.js';

// What `npm start` runs, as a process: what it prints, and how it ends.

const TIME_LIMIT_MS = 90_000;

let temporary: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  temporary = temporaryFolder();
});

afterEach(() => {
  temporary.remove();
});

interface Started {
  child: ChildProcess;
  output(): string;
  /** Resolves when the output holds the text, or the process has ended. */
  until(text: string): Promise<void>;
  ended: Promise<number | null>;
}

function start(firstPort: number, settings: Record<string, string> = {}): Started {
  const env = {
    ...process.env,
    CHRONOS_PORT: String(firstPort),
    CHRONOS_DATA_DIR: join(temporary.folder, 'data'),
    ...settings,
  };
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let look: () => void = () => undefined;
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      look();
    });
  }
  return {
    child,
    output: () => output,
    until: (text) =>
      new Promise((resolve) => {
        look = () => {
          if (output.includes(text)) resolve();
        };
        look();
        void ended.then(() => {
          resolve();
        });
      }),
    ended,
  };
}

async function isTaken(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}

describe('npm start', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'tells when it is ready and what to try, keeps its data, and stops all of it on %s',
    async (signal) => {
      const port = await freeFirstPort();
      for (let run = 0; run < 2; run++) {
        const service = start(port);
        await service.until('Chronos is ready');
        await service.until('/docs');
        expect(service.output()).toMatch(
          new RegExp(`^Chronos is ready: http://127.0.0.1:${port}, windows of 10 s, `, 'm'),
        );
        expect(service.output()).toContain('npx chronos stamp --wait README.md');
        expect(service.output().includes('Deploying the anchor contract')).toBe(run === 0);
        expect((await fetch(`http://127.0.0.1:${port}/api/v1/status`)).status).toBe(200);
        service.child.kill(signal);
        expect(await service.ended).toBe(0);
        for (const part of [port, port + 1, port + 2, port + 45]) expect(await isTaken(part)).toBe(false);
      }
    },
    TIME_LIMIT_MS,
  );

  test(
    'anchors on, when the local chain has lost its state',
    async () => {
      const port = await freeFirstPort();
      const api = `http://127.0.0.1:${port}/api/v1`;
      for (let run = 0; run < 2; run++) {
        const service = start(port, { CHRONOS_WINDOW_SECONDS: '1' });
        await service.until('/docs');
        expect(service.output().includes('has lost its state')).toBe(run === 1);
        const digest = String(run).repeat(64);
        const headers = { 'content-type': 'application/json' };
        await fetch(`${api}/timestamps`, { method: 'POST', headers, body: JSON.stringify({ digest }) });
        expect((await fetch(`${api}/proofs/${digest}?wait=30`)).status).toBe(200);
        service.child.kill('SIGTERM');
        await service.ended;
        rmSync(join(temporary.folder, 'data', 'chain.json'));
      }
    },
    TIME_LIMIT_MS,
  );

  test(
    'names a port that is taken, and what to do',
    async () => {
      const port = await freeFirstPort();
      const other: Server = createServer();
      await new Promise<void>((resolve) => other.listen(port + 1, '127.0.0.1', resolve));
      const service = start(port);
      expect(await service.ended).toBe(1);
      expect(service.output().trim().split('\n')).toHaveLength(1);
      expect(service.output()).toContain(`Port ${port + 1} (anchord) is taken`);
      await new Promise((resolve) => other.close(resolve));
    },
    TIME_LIMIT_MS,
  );

  test('names a setting that is malformed', async () => {
    const service = start(7400, { CHRONOS_WINDOW_SECONDS: 'ten' });
    expect(await service.ended).toBe(1);
    expect(service.output()).toContain('CHRONOS_WINDOW_SECONDS must be a whole number');
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)(
    'stops what it has started when %s comes before it is ready',
    async (signal) => {
      const port = await freeFirstPort();
      const service = start(port);
      await service.until('Starting the local chain');
      service.child.kill(signal);
      expect(await service.ended).toBe(0);
      expect(await isTaken(port + 45)).toBe(false);
    },
    TIME_LIMIT_MS,
  );
});
