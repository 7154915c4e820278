import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Anchor } from '@chronos/shared';
import { type Bench, CHAIN, deploy, newWallet, openBench, setBalance } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';
import { anchorOne, nextRoot, signAnchors } from '../test-support/evm-anchors.js';
import { type FaultProxy, rewriting, type Rule, startFaultProxy } from '../test-support/fault-proxy.js';
import type { RootToAnchor } from './chain.js';
import { parseFee } from './evm-fees.js';

// The adapter against a real node. evm-endpoints.test.ts has the endpoints that misbehave.

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

describe('a transaction', () => {
  test('is absent, pending, in a block, and final when two blocks stand on it', async () => {
    const { signedBytes, transactionId } = await signAnchors(bench.chain, [nextRoot(bench)]);
    expect(await bench.chain.findTransaction(transactionId)).toEqual({ state: 'absent' });
    await bench.chain.broadcast(signedBytes);
    expect(await bench.chain.findTransaction(transactionId)).toEqual({ state: 'pending' });
    expect(await bench.chain.finalNonce()).toBe(1n);
    await anvil.mine();
    const included = { state: 'included', succeeded: true, final: false };
    expect(await bench.chain.findTransaction(transactionId)).toMatchObject(included);
    await anvil.mine(2);
    expect(await bench.chain.findTransaction(transactionId)).toMatchObject({ ...included, final: true });
    expect(await bench.chain.finalNonce()).toBe(2n);
  });

  test('that is sent again is accepted; a nonce that is used says so', async () => {
    const anchor = nextRoot(bench);
    const first = await signAnchors(bench.chain, [anchor]);
    await bench.chain.broadcast(first.signedBytes);
    expect(await bench.chain.broadcast(first.signedBytes)).toEqual({ result: 'accepted' });
    await anvil.mine();
    expect(await bench.chain.broadcast(first.signedBytes)).toEqual({ result: 'nonce_used' });
  });

  test('that replaces another offers an eighth more', async () => {
    const anchor = nextRoot(bench);
    const first = await signAnchors(bench.chain, [anchor]);
    const second = await signAnchors(bench.chain, [anchor], { replaces: first.fee });
    const [before, after] = [parseFee(first.fee), parseFee(second.fee)];
    if (before.kind !== 'eip1559' || after.kind !== 'eip1559') throw new Error('anvil has a base fee');
    expect(after.maxFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxFeePerGas * 9n);
    expect(after.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxPriorityFeePerGas * 9n);
    await bench.chain.broadcast(first.signedBytes);
    await bench.chain.broadcast(second.signedBytes);
    await anvil.mine();
    expect(await bench.chain.findTransaction(first.transactionId)).toEqual({ state: 'absent' });
    expect(await bench.chain.findTransaction(second.transactionId)).toMatchObject({ state: 'included' });
  });

  test('on a chain without a base fee, as Zilliqa, is a legacy one at the price asked', async () => {
    const url = await endpoint(
      rewriting('eth_getBlockByNumber', (block: object) => ({ ...block, baseFeePerGas: '0x0' })),
    );
    const { fee, signedBytes } = await signAnchors(bench.openChain({ rpcUrls: [url] }), [nextRoot(bench)]);
    expect(parseFee(fee)).toEqual({ kind: 'legacy', gasPrice: BigInt((await anvil.rpc('eth_gasPrice')) as string) });
    expect(await bench.chain.broadcast(signedBytes)).toEqual({ result: 'accepted' });
  });
});

describe('a forecast', () => {
  test('gives the gas for the roots, with a margin', async () => {
    const forecast = await bench.chain.forecast([nextRoot(bench), nextRoot(bench)]);
    expect(forecast).toMatchObject({ result: 'ok' });
    const { signedBytes, transactionId } = await signAnchors(bench.chain, [nextRoot(bench)]);
    await bench.chain.broadcast(signedBytes);
    await anvil.mine(3);
    expect(await bench.chain.findTransaction(transactionId)).toMatchObject({ succeeded: true });
  });

  test('knows a root that is there, but not one that is only on its way', async () => {
    const anchor = nextRoot(bench);
    const { signedBytes } = await signAnchors(bench.chain, [anchor]);
    await bench.chain.broadcast(signedBytes);
    expect(await bench.chain.forecast([anchor])).toMatchObject({ result: 'ok' });
    await anvil.mine();
    expect(await bench.chain.forecast([nextRoot(bench), anchor])).toEqual({ result: 'already_anchored' });
  });

  test('says who may not anchor', async () => {
    const wallet = await newWallet(bench.folder, anvil);
    const forecast = await bench.openChain({ wallet }).forecast([nextRoot(bench)]);
    expect(forecast).toMatchObject({ result: 'refused', reason: 'not_owner' });
  });
});

/** The anchor of one root. */
async function findAnchor(anchor: RootToAnchor, chain = bench.chain): Promise<Anchor | undefined> {
  const found = await chain.findAnchors([anchor]);
  expect(found.map(({ windows }) => windows)).toEqual(found.map(() => [anchor.window]));
  return found[0]?.anchor;
}

describe('the anchor of a root', () => {
  test('is found by the root when it is final, with its block', async () => {
    const { anchor, transactionId } = await anchorOne(bench);
    expect(await findAnchor(anchor)).toBeUndefined();
    await anvil.mine(2);
    const found = await findAnchor(anchor);
    const status = await bench.chain.findTransaction(transactionId);
    if (status.state !== 'included' || !status.final) throw new Error('not final');
    const { contract } = bench;
    expect(found).toEqual({
      type: 'zilliqa-evm',
      chain: CHAIN,
      contract,
      transaction: transactionId,
      block: status.block,
    });
    expect(status.block.time).toMatch(/:\d\d\.000Z$/);
  });

  test('is found far below the tip, with logs asked for a few minutes of blocks only', async () => {
    const { anchor, transactionId } = await anchorOne(bench);
    const height = Number(await anvil.rpc('eth_blockNumber'));
    await anvil.rpc('anvil_mine', '0x800', '0x1');
    const asked: { fromBlock: string; toBlock: string }[] = [];
    const url = await endpoint(({ method, params }) => {
      if (method === 'eth_getLogs') asked.push(params[0] as (typeof asked)[number]);
      return undefined;
    });
    const found = await findAnchor(anchor, bench.openChain({ rpcUrls: [url] }));
    expect(found).toMatchObject({ transaction: transactionId, block: { number: height } });
    expect(asked).toHaveLength(1);
    expect(Number(asked[0]!.toBlock) - Number(asked[0]!.fromBlock)).toBeLessThan(400);
  });

  test('is not found for a root that is not there, nor under another window', async () => {
    const { anchor } = await anchorOne(bench);
    await anvil.mine(2);
    expect(await findAnchor({ ...anchor, root: nextRoot(bench).root })).toBeUndefined();
    expect(await findAnchor({ ...anchor, window: anchor.window + 30 })).toBeUndefined();
  });
});

test('health tells heights, balance, and how many anchors it pays for', async () => {
  await setBalance(anvil, bench.wallet, 10n ** 15n);
  const health = await bench.chain.health();
  expect(health.height).toBe(health.finalHeight + 2);
  expect(health.balance).toBe(10n ** 15n);
  const price = BigInt((await anvil.rpc('eth_gasPrice')) as string);
  expect(health.anchorCost).toBe(80_000n * price);
  expect(health.anchorsAffordable).toBe(Number(10n ** 15n / (80_000n * price)));
});

describe('deploying the contract', () => {
  test('gives its address when its block is final; the wallet is its owner', async () => {
    const { address, blockNumber, transactionId } = await deploy(anvil, bench.wallet);
    const receipt = (await anvil.rpc('eth_getTransactionReceipt', transactionId)) as Record<string, string>;
    expect(address.toLowerCase()).toBe(receipt['contractAddress']);
    expect(blockNumber).toBe(Number(receipt['blockNumber']));
    const chain = bench.openChain({ contract: address });
    await chain.check();
    expect(await chain.forecast([nextRoot(bench)])).toMatchObject({ result: 'ok' });
  });

  test('is refused to an empty wallet, with its addresses', async () => {
    await setBalance(anvil, bench.wallet, 0n);
    const message = expect.stringContaining(`${bench.wallet.address} (${bench.wallet.zilAddress}) holds 0.0 ZIL`);
    await expect(deploy(anvil, bench.wallet)).rejects.toMatchObject({ code: 'wallet_unusable', message });
  });
});
