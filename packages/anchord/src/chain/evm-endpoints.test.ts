import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Bench, CHAIN, openBench } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';
import { anchorOne, nextRoot, signAnchors } from '../test-support/evm-anchors.js';
import { type FaultProxy, HTML, rewriting, type Rule, startFaultProxy } from '../test-support/fault-proxy.js';
import { createEvmChain } from './evm-chain.js';

// What the adapter makes of endpoints that are down, talk HTML, lag, or lie, before a real node.

jest.setTimeout(60_000);

let anvil: Anvil;
let bench: Bench;
const proxies: FaultProxy[] = [];
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  bench = await openBench(anvil);
});
afterEach(async () => {
  bench.dispose();
  for (const proxy of proxies.splice(0)) await proxy.close();
});
afterAll(() => anvil.stop());

/** An endpoint before the node that answers in its own way. */
async function endpoint(rule: Rule): Promise<string> {
  const proxy = await startFaultProxy(anvil.url);
  proxy.rule = rule;
  proxies.push(proxy);
  return proxy.url;
}

const DEAD = 'http://127.0.0.1:9';

describe('the check at the start', () => {
  test('passes, with one of two endpoints dead', async () => {
    await expect(bench.chain.check()).resolves.toBeUndefined();
    await expect(bench.openChain({ rpcUrls: [DEAD, anvil.url] }).check()).resolves.toBeUndefined();
  });

  test('refuses an endpoint of another chain by name', async () => {
    const rpcUrls = [anvil.url, await endpoint(rewriting('eth_chainId', () => '0x1'))];
    const checking = bench.openChain({ rpcUrls }).check();
    const message = `${rpcUrls[1]} serves chain eip155:1, not ${CHAIN}`;
    await expect(checking).rejects.toMatchObject({ code: 'invalid_settings', message });
  });

  test('refuses an address without the contract', async () => {
    const refusal = (why: string) => ({ code: 'invalid_settings', message: expect.stringContaining(why) });
    const nobody = bench.openChain({ contract: bench.wallet.address }).check();
    await expect(nobody).rejects.toMatchObject(refusal('does not exist on eip155:31337'));
  });

  test('is unanswered while no endpoint answers', async () => {
    const checking = bench.openChain({ rpcUrls: [DEAD, await endpoint(() => HTML)] }).check();
    await expect(checking).rejects.toMatchObject({ code: 'chain_unreachable' });
  });
});

describe('of several endpoints', () => {
  test.each([
    ['is dead', async () => DEAD],
    ['talks HTML', () => endpoint(() => HTML)],
    ['limits the rate', () => endpoint(() => ({ error: { code: -32000, message: 'RPC_RATE_LIMIT' } }))],
    ['has come to serve another chain', () => endpoint(rewriting('eth_chainId', () => '0x1'))],
  ])('one %s, and anchoring goes on by the other', async (_name, open) => {
    const windows = bench.close(2);
    const chain = bench.openChain({ rpcUrls: [await open(), anvil.url] });
    await bench.settle(bench.step({ chain }));
    expect(await bench.anchoredWindows(windows)).toEqual(windows);
    expect(await bench.paid()).toBe(1);
  });

  test('one does not know the block yet: it is not final yet', async () => {
    const { transactionId } = await anchorOne(bench);
    await anvil.mine(2);
    const behind = await endpoint(({ method }) =>
      method.startsWith('eth_getTransaction') ? { result: null } : undefined,
    );
    const chain = bench.openChain({ rpcUrls: [anvil.url, behind] });
    expect(await chain.findTransaction(transactionId)).toMatchObject({ state: 'included', final: false });
  });

  test('one counts fewer nonces: the least is final', async () => {
    await anchorOne(bench);
    await anvil.mine(2);
    const behind = await endpoint(rewriting('eth_getTransactionCount', () => '0x1'));
    expect(await bench.openChain({ rpcUrls: [anvil.url, behind] }).finalNonce()).toBe(1n);
  });

  test.each([
    ['the success', { status: '0x0' }],
    ['the block', { blockNumber: '0x1' }],
  ])('one contradicts %s: nobody knows', async (_name, lie) => {
    const { transactionId } = await anchorOne(bench);
    await anvil.mine(2);
    const blockOne = (await anvil.rpc('eth_getBlockByNumber', '0x1', false)) as { hash: string };
    const liar = await endpoint(
      rewriting('eth_getTransactionReceipt', (receipt: object) => ({
        ...receipt,
        ...lie,
        ...('blockNumber' in lie ? { blockHash: blockOne.hash } : {}),
      })),
    );
    const finding = bench.openChain({ rpcUrls: [anvil.url, liar] }).findTransaction(transactionId);
    const message = expect.stringContaining('the endpoints disagree');
    await expect(finding).rejects.toMatchObject({ code: 'chain_unreachable', message });
  });

  test('one that gave no answer is left alone for a while', async () => {
    let asked = 0;
    const broken = await endpoint(() => {
      asked++;
      return { text: 'no' };
    });
    const chain = bench.openChain({ rpcUrls: [broken, anvil.url] });
    for (let times = 0; times < 5; times++) await chain.finalNonce();
    expect(asked).toBe(1);
    await bench.clock.advance(20_000);
    await chain.finalNonce();
    expect(asked).toBe(2);
  });

  test('broadcasting goes to each, and one that takes it is enough', async () => {
    const sent: string[] = [];
    const refusing = await endpoint(({ method, params }) => {
      if (method !== 'eth_sendRawTransaction') return undefined;
      sent.push(params[0] as string);
      return { error: { code: -32000, message: 'txpool is full' } };
    });
    const { signedBytes } = await signAnchors(bench.chain, [nextRoot(bench)]);
    const chain = bench.openChain({ rpcUrls: [refusing, anvil.url] });
    expect(await chain.broadcast(signedBytes)).toEqual({ result: 'accepted' });
    expect(sent).toEqual([`0x${Buffer.from(signedBytes).toString('hex')}`]);
    const alone = await bench.openChain({ rpcUrls: [refusing] }).broadcast(signedBytes);
    expect(alone).toEqual({ result: 'refused', reason: 'other', detail: 'txpool is full' });
  });
});

test('a transaction of a reorganised block is on its way again, whatever its receipt says', async () => {
  const { transactionId } = await anchorOne(bench);
  const stale = await endpoint(
    rewriting('eth_getBlockByNumber', (block: object, [height]) =>
      height === 'latest' || height === 'finalized' ? block : { ...block, hash: `0x${'ee'.repeat(32)}` },
    ),
  );
  const chain = bench.openChain({ rpcUrls: [stale] });
  expect(await chain.findTransaction(transactionId)).toEqual({ state: 'pending' });
});

test('a transaction that the contract took without an event is no anchor of ours', async () => {
  const { transactionId } = await anchorOne(bench);
  const url = await endpoint(rewriting('eth_getTransactionReceipt', (receipt: object) => ({ ...receipt, logs: [] })));
  const finding = bench.openChain({ rpcUrls: [url] }).findTransaction(transactionId);
  await expect(finding).rejects.toMatchObject({ code: 'invalid_settings' });
});

test('close ends the calls that are under way', async () => {
  const chain = bench.openChain({ rpcUrls: [await endpoint(() => 'hang')] });
  const asking = chain.finalNonce();
  chain.close();
  await expect(asking).rejects.toMatchObject({ code: 'chain_unreachable' });
});

test('an endpoint’s password is not in any error', async () => {
  const chain = createEvmChain({
    ...{ rpcUrls: ['http://user:secret@127.0.0.1:9/key-abc'], chain: CHAIN, contract: bench.contract },
    ...{ wallet: bench.wallet, maxFeeGwei: 1 },
  });
  const error: unknown = await chain.finalNonce().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect((error as Error).message).toMatch(/^http:\/\/127\.0\.0\.1:9\/…: eth_chainId: [a-z ]*$/);
});
