import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger } from '../logger.js';
import { openStore, type Store } from '../store/store.js';
import { Windows } from '../store/windows.js';
import { FakeClock } from '../test-support/fake-clock.js';
import { scriptedChain } from '../test-support/scripted-chain.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { WindowFloor } from './window-floor.js';

const START_MS = Date.parse('2026-11-20T10:00:00.000Z');

let temporary: ReturnType<typeof temporaryFolder>;
let store: Store;
let told: string;

beforeEach(() => {
  temporary = temporaryFolder();
  store = openStore(temporary.folder);
  told = '';
});

afterEach(() => {
  store.close();
  temporary.remove();
});

async function floorWhereTheContractHas(latestWindow: bigint): Promise<number> {
  const logger = createLogger('info', { write: (line) => (told += line) });
  const floor = new WindowFloor({ store, windows: new Windows(store.db), clock: new FakeClock(START_MS), logger });
  floor.watch([scriptedChain({ latestWindow: async () => latestWindow })]);
  await new Promise(setImmediate); // the chain answers at once
  await floor.close();
  return floor.value;
}

test('a new contract under a new store is no sign of an older backup', async () => {
  const before = new WindowFloor({
    ...{ store, windows: new Windows(store.db), clock: new FakeClock(START_MS), logger: createLogger('silent') },
  }).value;
  expect(await floorWhereTheContractHas(0n)).toBe(before);
  expect(told).toBe('');
});

test('a contract that has a later window than the store is one, and no window up to it is opened', async () => {
  const later = START_MS / 1000 - 60;
  expect(await floorWhereTheContractHas(BigInt(later))).toBe(later);
  expect(told).toContain('this store is older than the one that anchored it');
});

test('windows do not follow one of hours to come, which whoever has a leaked key can name', async () => {
  const now = BigInt(START_MS / 1000);
  expect(await floorWhereTheContractHas(now + 3_570n)).toBe(Number(now) + 3_570);
  for (const ahead of [3_601n, 86_000n, 2n ** 64n - 1n - now])
    expect(await floorWhereTheContractHas(now + ahead)).toBe(Number(now) + 3_570);
  expect(told).toContain('the contract has a window of a time to come');
});
