import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Devnet, startDevnet } from '@chronos/devnet';
import { MAX_GAS_PRICE_QA, type NativeBench, NATIVE_CHAIN, openNativeBench } from '../test-support/native-bench.js';
import { deployScillaContract } from './deploy-scilla-contract.js';
import { systemClock } from '../clock.js';

let bench: NativeBench;
beforeAll(async () => {
  bench = await openNativeBench();
});
afterAll(() => bench.dispose());

const others: Devnet[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
});
async function startOther(chainId = 31_337): Promise<Devnet> {
  const other = await startDevnet({ blockMs: 0, chainId });
  others.push(other);
  return other;
}

const anchor = (byte: number) => ({
  ...{ window: 1_795_171_200 + 30 * byte, logSize: byte },
  ...{ root: Buffer.alloc(32, byte), logRoot: Buffer.alloc(32, 0xee) },
});

/** Anchors a root and makes it final; gives the transaction. */
async function anchorNow(byte: number): Promise<string> {
  const { chain, devnet } = bench;
  const signed = await chain.sign([anchor(byte)], await chain.finalNonce(), 1_000n);
  if (signed.result !== 'signed') throw new Error(signed.detail);
  expect(await chain.broadcast(signed.transaction.signedBytes)).toEqual({ result: 'accepted' });
  devnet.mine(3);
  return signed.transaction.transactionId;
}

test('its contract and its chain are made sure of', async () => {
  await expect(bench.chain.check()).resolves.toBeUndefined();
  const nobody = bench.openChain({ contract: `0x${'5c'.repeat(20)}` });
  await expect(nobody.check()).rejects.toMatchObject({ code: 'invalid_settings' });
  const account = bench.openChain({ contract: bench.wallet.zilAddress });
  await expect(account.check()).rejects.toMatchObject({ code: 'invalid_settings' });
  const { url } = await startOther(333);
  const message = expect.stringContaining('serves chain zilliqa:333, not zilliqa:31337') as unknown;
  await expect(bench.openChain({ rpcUrls: [url] }).check()).rejects.toMatchObject({
    code: 'invalid_settings',
    message,
  });
});

test('tells heights, the balance and how many anchors it pays for', async () => {
  const { height, finalHeight, balance, anchorsAffordable } = await bench.chain.health();
  expect(height).toBeGreaterThanOrEqual(finalHeight);
  expect(finalHeight).toBeGreaterThan(0);
  expect(anchorsAffordable).toBe(Number(balance / (500n * 2_000_000_016n)));
});

test('forecasts from what the contract holds', async () => {
  expect(await bench.chain.forecast([anchor(1)])).toMatchObject({ result: 'ok' });
  const transaction = await anchorNow(1);
  expect(await bench.chain.forecast([anchor(1)])).toEqual({ result: 'already_anchored' });
  const wrongWindow = { root: anchor(1).root, window: anchor(2).window };
  const found = await bench.chain.findAnchors([anchor(9), wrongWindow, anchor(1)]);
  expect(found).toMatchObject([{ anchor: { transaction }, windows: [anchor(1).window] }]);
});

test('a transaction is final when every endpoint has it: one that lags makes it wait', async () => {
  const transaction = await anchorNow(2);
  const { url } = await startOther();
  const chain = bench.openChain({ rpcUrls: [bench.devnet.url, url] });
  expect(await chain.findTransaction(transaction)).toEqual({ state: 'included', final: false });
  expect(await bench.chain.findTransaction(transaction)).toMatchObject({ state: 'included', final: true });
  expect(await bench.chain.findTransaction('00'.repeat(32))).toEqual({ state: 'absent' });
});

test('a nonce is used up when every endpoint says so', async () => {
  const { url } = await startOther();
  expect(await bench.openChain({ rpcUrls: [bench.devnet.url, url] }).finalNonce()).toBe(1n);
  expect(await bench.chain.finalNonce()).toBeGreaterThan(1n);
});

test('a replacement offers an eighth more', async () => {
  const first = await bench.chain.sign([anchor(3)], 99n, 1_000n);
  if (first.result !== 'signed') throw new Error(first.detail);
  expect(first.transaction.fee).toBe('{"gasPriceQa":"2000000016"}');
  const second = await bench.chain.sign([anchor(3)], 99n, 1_000n, first.transaction.fee);
  expect(second).toMatchObject({ transaction: { fee: '{"gasPriceQa":"2250000019"}', nonce: 99n } });
});

test('a deployment that is refused is told', async () => {
  const { wallet, devnet } = bench;
  const options = { rpcUrls: [devnet.url], chain: NATIVE_CHAIN, wallet, clock: systemClock };
  await expect(deployScillaContract({ ...options, maxGasPriceQa: 1n })).rejects.toMatchObject({
    code: 'invalid_settings',
  });
  devnet.fault({ kind: 'refuse' });
  await expect(deployScillaContract({ ...options, maxGasPriceQa: MAX_GAS_PRICE_QA })).rejects.toMatchObject({
    code: 'wallet_unusable',
    message: 'the deployment is refused: this network takes no native transactions',
  });
});
