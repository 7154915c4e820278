import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ChronosError } from '@chronos/shared';
import type { Chain, EndpointEvent } from '../../chain/chain.js';
import type { Attempt } from '../../store/anchors.js';
import { type FaultProxy, startFaultProxy, HTML } from '../../test-support/fault-proxy.js';
import { type NativeBench, NATIVE_CHAIN, openNativeBench } from '../../test-support/native-bench.js';

// A native chain that misbehaves where that differs from the EVM; the double shares no code with us.

jest.setTimeout(60_000);

let bench: NativeBench;
const proxies: FaultProxy[] = [];
beforeEach(async () => {
  bench = await openNativeBench();
});
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
  await bench.dispose();
});

const unfinished = (): Attempt[] => bench.anchors.findUnfinishedAttempts(NATIVE_CHAIN);
const chainWith = (methods: Partial<Chain>): Chain => ({ ...bench.chain, ...methods });
const told = () => bench.events.map(({ event }) => event);

function crash(): never {
  throw new Error('crash');
}

async function proxyBefore(url: string): Promise<FaultProxy> {
  const proxy = await startFaultProxy(url);
  proxies.push(proxy);
  return proxy;
}

/** Each root stands on the chain once, and no more transactions were paid for than there are roots. */
async function expectExactlyOnce(windows: readonly number[], paid = windows.length): Promise<void> {
  expect(await bench.anchoredWindows(windows)).toEqual(windows);
  expect(await bench.paid()).toBe(paid);
  expect(bench.anchors.countUnanchored(NATIVE_CHAIN)).toBe(0);
  expect(unfinished()).toEqual([]);
  expect([...bench.final].sort((a, b) => a - b)).toEqual(windows);
}

test('an endpoint that is down is passed over', async () => {
  const windows = bench.close(1);
  const chain = bench.openChain({ rpcUrls: ['http://127.0.0.1:9', bench.devnet.url] });
  await bench.settle(bench.step({ chain }));
  await expectExactlyOnce(windows);
});

test('a chain that gives no answer leaves all as it was', async () => {
  bench.close(1);
  const step = bench.step({ chain: bench.openChain({ rpcUrls: ['http://127.0.0.1:9'] }) });
  await expect(step.run()).rejects.toBeInstanceOf(ChronosError);
  await expect(step.run()).rejects.toMatchObject({ code: 'chain_unreachable' });
  expect(unfinished()).toEqual([]);
});

describe('the endpoints tell', () => {
  async function twoEndpoints() {
    const [one, other] = [await proxyBefore(bench.devnet.url), await proxyBefore(bench.devnet.url)];
    const chain = bench.openChain({ rpcUrls: [one.url, other.url] });
    const events: EndpointEvent[] = [];
    chain.listen((event) => events.push(event));
    return { one, other, chain, events };
  }

  test('which of them gives no answer, and of what kind that is', async () => {
    const { one, chain, events } = await twoEndpoints();
    one.rule = () => HTML;
    await chain.finalNonce();
    const fault = { event: 'endpoint_fault', endpoint: one.url, kind: 'http_error', repeats: false };
    expect(events).toEqual([{ ...fault, detail: 'GetNetworkId: HTTP 502' }]);
    expect(chain.endpoints()).toMatchObject([{ endpoint: one.url, state: 'faulty' }, { state: 'ok' }]);
    chain.close();
  });

  test('which of them has halted and goes on answering', async () => {
    const { other, chain, events } = await twoEndpoints();
    await chain.health();
    const halted = (await bench.rpc<{ NumTxBlocks: string }>('GetBlockchainInfo')).NumTxBlocks;
    other.rule = async ({ method }, ask) => {
      const { result } = await ask();
      if (method === 'GetBlockchainInfo') return { result: { ...(result as object), NumTxBlocks: halted } };
      return { result };
    };
    bench.devnet.mine(150);
    await chain.health();
    expect(events).toMatchObject([{ event: 'endpoint_behind', endpoint: other.url, behindBlocks: 150 }]);
    chain.close();
  });
});

test('the operator replaces a transaction that waits: the same nonce, an eighth more, and one of the two is paid', async () => {
  const windows = bench.close(1);
  bench.devnet.fault({ kind: 'delay', blocks: 1_000 });
  const step = bench.step();
  await step.run();
  const [{ transactionId }] = unfinished() as [Attempt];
  const bumped = await step.bump(transactionId);
  // A thousand units of gas at the network's 2000000016 Qa, and at an eighth more.
  expect(bumped).toMatchObject({
    ...{ result: 'replaced', replaced: transactionId, nonce: 2n, windows: 1 },
    ...{ replacedCostZil: '2.000000016', costZil: '2.250000019' },
  });
  await bench.settle(step);
  await expectExactlyOnce(windows);
  expect(told()).toEqual(expect.arrayContaining(['signed', 'replaced', 'final', 'failed']));
});

test('while it is paused nothing is signed, and what was sent becomes final', async () => {
  const windows = bench.close(1);
  const step = bench.step();
  await step.run();
  windows.push(...bench.close(1));
  bench.anchors.recordPaused(NATIVE_CHAIN, true);
  await bench.settle(step);
  expect(bench.final).toEqual(windows.slice(0, 1));
  bench.anchors.recordPaused(NATIVE_CHAIN, false);
  await bench.settle(step);
  await expectExactlyOnce(windows);
});

test('a store is restored whose last 30 windows were anchored since: they are taken over, few calls at a time', async () => {
  const windows = bench.close(30);
  for (const [at, root] of bench.anchors.findUnanchored(NATIVE_CHAIN, 30).entries()) {
    const signed = await bench.chain.sign([{ ...root, window: root.id }], BigInt(at + 2), 1_000n);
    if (signed.result !== 'signed') throw new Error(signed.detail);
    await bench.chain.broadcast(signed.transaction.signedBytes);
    if (at % 10 === 9) bench.devnet.mine();
  }
  bench.devnet.mine(3);
  const proxy = await proxyBefore(bench.devnet.url);
  let underWay = 0;
  let mostUnderWay = 0;
  proxy.rule = async (_call, ask) => {
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    const answer = await ask();
    underWay--;
    return answer;
  };
  const chain = bench.openChain({ rpcUrls: [proxy.url], timeoutMs: 10_000 });
  const step = bench.step({ chain });
  for (const _window of windows) expect(await step.run()).toEqual({ next: 'now' });
  expect(await step.run()).toEqual({ next: 'idle' });
  chain.close();
  await expectExactlyOnce(windows);
  expect(mostUnderWay).toBeLessThanOrEqual(4);
});

describe('the operator is told', () => {
  test('that the wallet is empty, and anchoring goes on when it is not', async () => {
    const windows = bench.close(1);
    await setBalance(1_000n);
    const outcome = await bench.step().run();
    expect(outcome).toMatchObject({ next: 'retry', state: 'waiting' });
    const { address, zilAddress } = bench.wallet;
    expect(JSON.stringify(outcome)).toContain(`${zilAddress} (${address}) holds 0.000000001 ZIL`);
    expect(unfinished()).toEqual([]);
    await setBalance(10n ** 14n);
    await bench.settle();
    await expectExactlyOnce(windows);
  });

  test('that the wallet was emptied after signing; what was signed goes out later', async () => {
    const windows = bench.close(1);
    await expect(bench.step({ chain: chainWith({ broadcast: crash }) }).run()).rejects.toThrow('crash');
    await setBalance(0n);
    expect(await bench.step().run()).toMatchObject({ next: 'retry', state: 'waiting' });
    await setBalance(10n ** 14n);
    await bench.settle();
    await expectExactlyOnce(windows);
  });

  test('that the account does not own the contract, and nothing is spent', async () => {
    bench.close(1);
    const other = await bench.newWallet();
    const outcome = await bench.step({ chain: bench.openChain({ wallet: other }) }).run();
    expect(outcome).toMatchObject({ next: 'retry', state: 'stopped' });
    expect(JSON.stringify(outcome)).toContain(`${other.zilAddress} does not own ${bench.contract}`);
    expect(unfinished()).toEqual([]);
  });

  test('that the price asked is above the limit', async () => {
    bench.close(1);
    const outcome = await bench.step({ chain: bench.openChain({ maxGasPriceQa: 1_000n }) }).run();
    const detail = expect.stringContaining('asks 2000000016 Qa for a unit of gas, the limit set is 1000 Qa') as unknown;
    expect(outcome).toEqual({ next: 'retry', state: 'waiting', cause: 'fee_above_limit', detail });
    expect(unfinished()).toEqual([]);
  });

  test('that the network takes no native transactions: at the start, and by each transaction', async () => {
    const windows = bench.close(1);
    bench.devnet.fault({ kind: 'refuse', count: 'always' });
    const told = 'this network takes no native transactions';
    await expect(bench.chain.check()).rejects.toMatchObject({
      code: 'invalid_settings',
      message: expect.stringContaining(told) as unknown,
    });
    const detail = `the network does not take our transactions: ${told}`;
    expect(await bench.step().run()).toEqual({
      ...{ next: 'retry', state: 'stopped', cause: 'not_accepted_by_network' },
      detail,
    });
    bench.devnet.clearFaults();
    await bench.settle();
    await expectExactlyOnce(windows);
  });
});

async function setBalance(qa: bigint): Promise<void> {
  const { address } = bench.wallet;
  const { balance } = await bench.rpc<{ balance: string }>('GetBalance', address.slice(2));
  bench.devnet.fund(address, qa - BigInt(balance));
  bench.devnet.mine(3);
}
