import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnchordProcess, spawnAnchord, startAnchord } from './support/anchord-process.js';
import { temporaryFolder } from './support/service.js';
import { mountSmallDisk, type SmallDisk } from './support/small-disk.js';

// The real anchord on a disk that is really full, or cannot be written.

const TIME_LIMIT_MS = 300_000;
const CALL_DIGESTS = 500;

let temporary: ReturnType<typeof temporaryFolder>;
let disk: SmallDisk;
let anchord: AnchordProcess | undefined;
/** What was acknowledged, 32 bytes each. */
let acknowledged: Buffer[];

beforeEach(async () => {
  temporary = temporaryFolder();
  disk = await mountSmallDisk(join(temporary.folder, 'store'), 32);
  acknowledged = [];
});

afterEach(async () => {
  anchord?.kill('SIGKILL');
  await anchord?.ended;
  await disk.remove();
  temporary.remove();
});

async function start(settings: Record<string, string> = {}): Promise<AnchordProcess> {
  const withSettings = { CHRONOS_RESERVE_MB: '0', ...settings };
  anchord = await startAnchord({ folder: temporary.folder, settings: withSettings, within: disk.within });
  return anchord;
}

/** Sends digests until a call is refused; gives the refusal. */
async function submitUntilRefused({ submit }: AnchordProcess) {
  for (;;) {
    const digests = randomBytes(32 * CALL_DIGESTS);
    const answer = await submit(digests);
    if (answer.status !== 200) return { ...answer, problem: JSON.parse(answer.body.toString()) as { detail: string } };
    acknowledged.push(digests);
  }
}

/** Asks until the answer is as wanted; the test's time limit ends it. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function statusesOfAcknowledged({ proofs }: AnchordProcess): Promise<Set<string>> {
  const statuses = new Set<string>();
  for (const digests of acknowledged) for (const { status } of await proofs(digests)) statuses.add(status);
  return statuses;
}

const unclosed = async ({ get }: AnchordProcess) => {
  const { items } = JSON.parse((await get('/api/v1/windows?limit=100')).body.toString()) as {
    items: { status: string }[];
  };
  return items.filter(({ status }) => status === 'open').length;
};

describe('a disk that is full to the last byte', () => {
  test(
    'refuses digests with 503, a time and the reason; loses none; and goes on by itself when there is room',
    async () => {
      const running = await start();
      await running.submit(randomBytes(32));
      disk.fill(1_500_000);
      const refusal = await submitUntilRefused(running);
      expect(refusal).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-9][0-9]?$/) });
      expect(refusal.problem.detail).toContain('its disk is full: nothing was stored');
      await running.until('make room on the file system of');
      expect(await running.admin('/health')).toMatchObject({
        status: 503,
        json: { healthy: false, store: { state: 'full', detail: expect.stringContaining('make room') } },
      });
      expect(await running.admin('/status')).toMatchObject({ status: 200, json: { store: { state: 'full' } } });

      // The end of the window, its tree, the index and the checkpoints meet the full disk too.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      expect(await statusesOfAcknowledged(running)).toEqual(expect.any(Set));
      // Told once, not with every try to commit, close, index or copy the log.
      expect(linesAboutStore(running)).toEqual([expect.stringContaining('"fault":"full"')]);

      disk.makeRoom();
      await until(
        () => running.admin('/health'),
        ({ json }) => (json['store'] as { state: string }).state === 'ok',
      );
      await running.until('the store takes digests again');
      const more = randomBytes(32 * CALL_DIGESTS);
      expect((await running.submit(more)).status).toBe(200);
      acknowledged.push(more);
      await until(
        () => unclosed(running),
        (count) => count === 0,
      );
      expect(await statusesOfAcknowledged(running)).toEqual(new Set(['anchoring']));

      running.kill('SIGTERM');
      expect(await running.ended).toEqual({ code: 0, signal: null });
      expect(await statusesOfAcknowledged(await start())).toEqual(new Set(['anchoring']));
    },
    TIME_LIMIT_MS,
  );

  test(
    'that is full when anchord starts is told in one line, and nothing is half started',
    async () => {
      const first = await start();
      await submitOnce(first);
      first.kill('SIGTERM');
      await first.ended;
      disk.fill();
      const second = spawnAnchord({ folder: temporary.folder, within: disk.within });
      expect(await second.ended).toEqual({ code: 1, signal: null });
      expect(second.output()).toContain('the disk is full: make room on the file system of');
      expect(second.output()).not.toContain('anchord is up');
      disk.makeRoom();
      expect(await statusesOfAcknowledged(await start())).toEqual(new Set(['anchoring']));
    },
    TIME_LIMIT_MS,
  );
});

describe('a disk that is nearly full', () => {
  test(
    'takes no digests, and closes the windows of those it took',
    async () => {
      const running = await start({ CHRONOS_RESERVE_MB: '8' });
      disk.fill(10 * 1024 * 1024);
      const refusal = await submitUntilRefused(running);
      expect(refusal.problem.detail).toContain('its disk is nearly full');
      await running.until('MB are kept for what was accepted already');
      expect(await running.admin('/health')).toMatchObject({ status: 503, json: { store: { state: 'low' } } });
      await until(
        () => unclosed(running),
        (count) => count === 0,
      );
      expect(await statusesOfAcknowledged(running)).toEqual(new Set(['anchoring']));
      disk.makeRoom();
      await running.until('the store takes digests again');
      expect((await running.submit(randomBytes(32))).status).toBe(200);
    },
    TIME_LIMIT_MS,
  );
});

describe('a disk that is read-only', () => {
  test(
    'is told in one line with what to look at, and nothing is half started',
    async () => {
      const first = await start();
      await submitOnce(first);
      first.kill('SIGTERM');
      await first.ended;
      disk.remount('ro');
      const second = spawnAnchord({ folder: temporary.folder, within: disk.within });
      expect(await second.ended).toEqual({ code: 1, signal: null });
      expect(second.output()).toContain(
        'cannot be written: check their owner and mode, and that the file system is not mounted read-only',
      );
      expect(second.output()).not.toContain('anchord is up');
      disk.remount('rw');
      expect(await statusesOfAcknowledged(await start())).toEqual(new Set(['anchoring']));
    },
    TIME_LIMIT_MS,
  );
});

function linesAboutStore(running: AnchordProcess): string[] {
  return running
    .output()
    .split('\n')
    .filter((line) => line.includes('"msg":"the store takes'));
}

/** Digests of a window that is closed. */
async function submitOnce(running: AnchordProcess): Promise<void> {
  const digests = randomBytes(32 * CALL_DIGESTS);
  expect((await running.submit(digests)).status).toBe(200);
  acknowledged.push(digests);
  await until(
    () => unclosed(running),
    (count) => count === 0,
  );
}
