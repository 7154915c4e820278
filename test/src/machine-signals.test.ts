import { randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnchordProcess, spawnAnchord, startAnchord } from './support/anchord-process.js';
import { freePorts, temporaryFolder } from './support/service.js';

// How the real anchord ends, and how it starts after the worst.

const TIME_LIMIT_MS = 90_000;
/** "Within seconds": with connections kept alive, held calls and a load. */
const STOPS_WITHIN_MS = 5_000;

let temporary: ReturnType<typeof temporaryFolder>;
let running: { kill(signal: NodeJS.Signals): void; ended: Promise<unknown> }[];

beforeEach(() => {
  temporary = temporaryFolder();
  running = [];
});

afterEach(async () => {
  for (const { kill, ended } of running) {
    kill('SIGKILL');
    await ended;
  }
  temporary.remove();
});

async function start(settings: Record<string, string> = {}): Promise<AnchordProcess> {
  const anchord = await startAnchord({ folder: temporary.folder, settings });
  running.push(anchord);
  return anchord;
}

/** Sends digests over connections that are kept alive until one is broken; gives what was acknowledged and what got another answer. */
async function load({ submit }: AnchordProcess, clients: number) {
  const agent = new Agent({ keepAlive: true });
  const acknowledged: Buffer[] = [];
  const refused: Buffer[] = [];
  let count = 0;
  let reached: () => void = () => undefined;
  const client = async () => {
    for (;;) {
      const digests = randomBytes(32 * 20);
      try {
        const { status } = await submit(digests, agent);
        (status === 200 ? acknowledged : refused).push(digests);
      } catch {
        return; // cut off: whether it was accepted is what the test asks
      }
      if (++count === 200) reached();
    }
  };
  const done = Promise.all(Array.from({ length: clients }, client));
  await Promise.race([new Promise<void>((resolve) => (reached = resolve)), done]);
  return { acknowledged, refused, done, agent };
}

/** How many digests the store holds, by the file itself; the closer's own last digests are not counted. */
function storedDigests(): Set<string> {
  const db = new Database(join(temporary.folder, 'store', 'chronos.db'), { readonly: true });
  try {
    const roots = new Set(
      (db.prepare('SELECT dcrtime_root FROM windows').pluck().all() as (Buffer | null)[]).map((root) =>
        root?.toString('hex'),
      ),
    );
    const stored = new Set<string>();
    for (const run of db.prepare('SELECT digests FROM admissions').pluck().all() as Buffer[])
      for (let at = 0; at < run.length; at += 48) stored.add(run.subarray(at, at + 32).toString('hex'));
    for (const root of roots) if (root !== undefined) stored.delete(root);
    return stored;
  } finally {
    db.close();
  }
}

function hexesOf(calls: readonly Buffer[]): Set<string> {
  const hexes = new Set<string>();
  for (const call of calls) for (let at = 0; at < call.length; at += 32) hexes.add(call.toString('hex', at, at + 32));
  return hexes;
}

describe('SIGTERM', () => {
  test(
    'under load: what was accepted is answered, then it stops within seconds, and the next start goes on',
    async () => {
      const anchord = await start({ CHRONOS_WINDOW_SECONDS: '30' });
      await anchord.submit(randomBytes(32));
      const { items } = JSON.parse((await anchord.get('/api/v1/windows')).body.toString()) as {
        items: { id: number }[];
      };
      const held = anchord.get(`/windows/${items[0]!.id}/final?wait=60`);
      // One that has sent half of its request, and one that asks for nothing.
      const sockets = ['POST /digests HTTP/1.1\r\nhost: a\r\ncontent-le', ''].map((text) => {
        const socket = connect(anchord.privatePort, '127.0.0.1', () => socket.write(text));
        socket.on('error', () => undefined);
        return socket;
      });
      const { acknowledged, done, agent } = await load(anchord, 16);
      const before = performance.now();
      anchord.kill('SIGTERM');
      expect(await anchord.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - before).toBeLessThan(STOPS_WITHIN_MS);
      expect((await held).status).toBe(202);
      await done;
      agent.destroy();
      for (const socket of sockets) socket.destroy();

      const stored = storedDigests();
      const told = hexesOf(acknowledged);
      expect(told.size).toBeGreaterThan(200);
      for (const hex of told) expect(stored.has(hex)).toBe(true);
      // And the other way round: nothing was stored that nobody was told of, but for the one before the load.
      expect(stored.size).toBe(told.size + 1);

      const again = await start({ CHRONOS_WINDOW_SECONDS: '30' });
      const items2 = await again.proofs(acknowledged.at(-1)!);
      expect(new Set(items2.map(({ status }) => status))).toEqual(new Set(['collecting']));
    },
    TIME_LIMIT_MS,
  );

  test(
    'that comes twice stops it once, and in order',
    async () => {
      const anchord = await start();
      await anchord.submit(randomBytes(32 * 1000));
      anchord.kill('SIGTERM');
      await anchord.until('anchord is stopping');
      anchord.kill('SIGTERM');
      anchord.kill('SIGINT');
      expect(await anchord.ended).toEqual({ code: 0, signal: null });
      expect(anchord.output()).toContain('anchord has stopped');
    },
    TIME_LIMIT_MS,
  );

  test(
    'while it starts ends it at once with code 0, and the next start comes up',
    async () => {
      const first = await start();
      await first.submit(randomBytes(32 * 1000));
      first.kill('SIGTERM');
      await first.ended;
      // Seen as soon as it has its wallet open: the store, the index and the ports come after that.
      const second = spawnAnchord({ folder: temporary.folder });
      running.push(second);
      await second.until('wallet opened');
      second.kill('SIGTERM');
      expect(await second.ended).toEqual({ code: 0, signal: null });
      const third = await start();
      expect((await third.submit(randomBytes(32))).status).toBe(200);
    },
    TIME_LIMIT_MS,
  );
});

describe('a fault of the program', () => {
  test(
    'ends it with code 1 and a line that says so, and the next start goes on',
    async () => {
      // A fault that no request's handler would catch, at a moment of the test's choice.
      const fault = encodeURIComponent('process.on("SIGUSR2",()=>{throw new Error("planted fault")})');
      const anchord = await startAnchord({
        folder: temporary.folder,
        nodeArgs: ['--import', `data:text/javascript,${fault}`],
      });
      running.push(anchord);
      anchord.kill('SIGUSR2');
      expect(await anchord.ended).toEqual({ code: 1, signal: null });
      expect(anchord.output()).toContain('anchord cannot go on, for a fault of the program: Error: planted fault');
      expect((await (await start()).submit(randomBytes(32))).status).toBe(200);
    },
    TIME_LIMIT_MS,
  );
});

describe('a log that cannot be written', () => {
  test(
    'for its disk is full, stops neither the start nor the service nor the stop',
    async () => {
      const { anchord: port } = await freePorts();
      const anchord = spawnAnchord({
        folder: temporary.folder,
        settings: { CHRONOS_LOG_LEVEL: 'trace', CHRONOS_ANCHORD_PORT: String(port) },
        stdout: openSync('/dev/full', 'w'),
      });
      running.push(anchord);
      for (;;) {
        const answered = await fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ status }) => status,
          () => undefined,
        );
        if (answered !== undefined) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      anchord.kill('SIGTERM');
      expect(await anchord.ended).toEqual({ code: 0, signal: null });
    },
    TIME_LIMIT_MS,
  );
});

describe('a lock', () => {
  test(
    'of a daemon that runs keeps a second one away, and says what it is; one of a daemon that was killed does not',
    async () => {
      const first = await start();
      const digests = randomBytes(32 * 100);
      await first.submit(digests);
      const second = spawnAnchord({ folder: temporary.folder });
      running.push(second);
      expect(await second.ended).toEqual({ code: 1, signal: null });
      expect(second.output()).toContain('another anchord has the store open');
      expect((await first.submit(randomBytes(32))).status).toBe(200);
      first.kill('SIGKILL');
      await first.ended;
      const third = await start();
      for (const { status } of await third.proofs(digests)) expect(status).not.toBe('unknown');
    },
    TIME_LIMIT_MS,
  );
});
