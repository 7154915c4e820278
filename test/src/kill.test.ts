import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { killReport } from './kill/report.js';
import { runKillTest } from './kill/run.js';
import { temporaryFolder } from './support/service.js';

// The short form of `npm run test:kill`: a real service under load, whose parts are killed with SIGKILL.

const KILLS = 8;
const TIME_LIMIT_MS = 300_000;

let temporary: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  temporary = temporaryFolder();
});
afterAll(() => {
  temporary.remove();
});

test(
  'whatever is killed, every digest that was acknowledged is in a final proof, and every window is anchored once',
  async () => {
    const seed = randomBytes(4).toString('hex');
    const run = await runKillTest({ kills: KILLS, seed, chains: ['evm'], folder: join(temporary.folder, 'data') });
    const report = `seed ${seed}\n${killReport(run)}`;
    expect({ report, faults: run.faults }).toEqual({ report, faults: [] });
    expect(run).toMatchObject({ lost: 0, anchoredTwice: 0 });
    // The load was there: without it, nothing is proven.
    expect(run.acknowledged).toBeGreaterThan(100);
    expect(run.windows).toBeGreaterThan(2);
    expect(run.kills.anchord + run.kills.proxy).toBeGreaterThanOrEqual(KILLS);
  },
  TIME_LIMIT_MS,
);
