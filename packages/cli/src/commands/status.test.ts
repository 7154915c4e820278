import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Bench } from '../testing/bench.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

test('chronos status tells the open window, what waits, the last anchor, the totals and the chains', async () => {
  const { stdout } = await bench.run(['status']);
  expect(stdout).toContain('closes in 0:07, 12 digests so far');
  expect(stdout).toMatch(/^Last final +none yet$/m);
  await bench.run(['stamp', '--digest', 'ab'.repeat(32), '--wait']);
  const later = await bench.run(['status']);
  expect(later.exitCode).toBe(0);
  expect(later.stdout).toMatch(/^Last final +window 1795171200, final at 2026-11-20 10:40:33 UTC, block 1000$/m);
  expect(later.stdout).toMatch(/^Totals +1 digest in 1 window$/m);
  expect(later.stdout).toMatch(/^Chain +local test chain \(eip155:31337\), .*: ok$/m);
  expect(await bench.runJson(['status'])).toMatchObject({
    exitCode: 0,
    document: { totals: { digests: 1 }, server: bench.service.url },
  });
});

test('chronos status of a service that is not there, or is something else, is exit 4', async () => {
  bench.chain.brokenStatus = 200; // a web page
  expect((await bench.run(['status', '--server', bench.chain.url])).exitCode).toBe(4);
  await bench.service.close();
  const { exitCode, document } = await bench.runJson(['status']);
  expect([exitCode, document.error.code]).toEqual([4, 'service_unreachable']);
});
