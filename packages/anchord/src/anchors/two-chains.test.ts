import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { type Bench, CHAIN, openBench } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';
import { closeWindows } from '../test-support/closed-windows.js';
import { type NativeBench, NATIVE_CHAIN, openNativeBench } from '../test-support/native-bench.js';

// One store, anchored on an EVM and on a native chain.

jest.setTimeout(60_000);

let anvil: Anvil;
let evm: Bench;
let native: NativeBench;
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  evm = await openBench(anvil);
  native = await openNativeBench();
});
afterEach(async () => {
  evm.dispose();
  await native.dispose();
});
afterAll(() => anvil.stop());

const close = (count: number) => closeWindows(evm.store, count, [CHAIN, NATIVE_CHAIN], evm.contract);
const chainsOf = (window: number) => evm.anchors.findAnchors(window).map(({ chain }) => chain);

function steps(requiredChains: readonly string[]) {
  const shared = {
    store: evm.anchors,
    requiredChains,
    onFinal: (windows: number[]) => void evm.final.push(...windows),
  };
  return { onEvm: evm.step(shared), onNative: native.step(shared) };
}

test('a window is final when both required chains hold it, and its proof states both', async () => {
  const windows = close(3);
  const { onEvm, onNative } = steps([CHAIN, NATIVE_CHAIN]);
  await evm.settle(onEvm);
  expect(evm.final).toEqual([]);
  await native.settle(onNative);
  expect(evm.final).toEqual(windows);
  for (const window of windows) expect(chainsOf(window)).toEqual([CHAIN, NATIVE_CHAIN]);
  expect(await native.paid()).toBe(3);
  expect(await evm.paid()).toBe(1);
});

test('an optional chain that is down holds nothing up; what comes late changes no proof and is paid for once', async () => {
  const windows = close(2);
  const { onEvm, onNative } = steps([CHAIN]);
  native.devnet.fault({ kind: 'html', count: 'always' });
  await expect(onNative.run()).rejects.toMatchObject({ code: 'chain_unreachable' });
  await evm.settle(onEvm);
  expect(evm.final).toEqual(windows);
  const before = windows.map((window) => evm.anchors.findAnchors(window));
  native.devnet.clearFaults();
  await native.clock.advance(60_000);
  await native.settle(onNative);
  expect(await native.paid()).toBe(2);
  expect(evm.anchors.countUnanchored(NATIVE_CHAIN)).toBe(0);
  expect(windows.map((window) => evm.anchors.findAnchors(window))).toEqual(before);
  expect(evm.final).toEqual(windows);
});
