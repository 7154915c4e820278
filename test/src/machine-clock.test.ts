import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readReceipt } from '@chronos/shared';
import { type AnchordProcess, startAnchord } from './support/anchord-process.js';
import { temporaryFolder } from './support/service.js';

// The real anchord, while its wall clock is set forth and back: `Date.now` of the process is moved by what a file says. (That SQLite, the timers
// and the indexer's thread keep the true time is as on a real machine, where such clocks are others than the wall's. The same was run by hand
// with Debian's libfaketime, which sets the clock below Node.)

const TIME_LIMIT_MS = 90_000;
const HOUR_MS = 3_600_000;

let temporary: ReturnType<typeof temporaryFolder>;
let anchord: AnchordProcess | undefined;

beforeEach(() => {
  temporary = temporaryFolder();
});

afterEach(async () => {
  anchord?.kill('SIGKILL');
  await anchord?.ended;
  temporary.remove();
});

const offsetFile = () => join(temporary.folder, 'clock-offset-ms');

function setClock(offsetMs: number): void {
  writeFileSync(offsetFile(), String(offsetMs));
}

/** A module that Node loads before the program. */
function movedClock(): string {
  const code = `import { readFileSync } from 'node:fs';
    const now = Date.now;
    Date.now = () => now() + Number(readFileSync(${JSON.stringify(offsetFile())}, 'utf8'));`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test(
  'a wall clock that jumps for hours, forth and back and over a restart: ids rise, all windows close, all receipts hold',
  async () => {
    setClock(0);
    const start = () => startAnchord({ folder: temporary.folder, nodeArgs: ['--import', movedClock()] });
    anchord = await start();
    const receipts: { digest: Buffer; windowId: number; receivedAtMs: number }[] = [];
    const submit = async () => {
      const digest = randomBytes(32);
      const { status, body } = await anchord!.submit(digest);
      expect(status).toBe(200);
      const { windowId, receivedAtMs } = readReceipt(body, 0);
      receipts.push({ digest, windowId, receivedAtMs });
    };
    for (const offsetMs of [0, HOUR_MS, -HOUR_MS, 1_500, -1_500, 100 * HOUR_MS, 0, -5_000, 500]) {
      setClock(offsetMs);
      await submit();
      if (offsetMs === -1_500) {
        anchord.kill('SIGTERM');
        await anchord.ended;
        anchord = await start();
      }
      // Windows are of one second: by the clock that cannot be set, each ends within two.
      await until(
        async () => (await anchord!.proofs(receipts.at(-1)!.digest))[0]!.status,
        (status) => status === 'anchoring',
      );
    }
    const ids = receipts.map(({ windowId }) => windowId);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    for (const { digest, windowId, receivedAtMs } of receipts) {
      const [item] = await anchord.proofs(digest);
      const proof = JSON.parse(Buffer.from(item!.json).toString()) as { receivedAt: string; window: { id: number } };
      expect(proof).toMatchObject({ receivedAt: new Date(receivedAtMs).toISOString(), window: { id: windowId } });
    }
  },
  TIME_LIMIT_MS,
);
