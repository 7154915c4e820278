import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Anchor } from '@chronos/shared';
import { type Bench, CHAIN, deploy, newWallet, openBench, setBalance } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';
import type { RootToAnchor, SignedTransaction } from './chain.js';
import { createEvmChain } from './evm-chain.js';
import { parseFee } from './evm-fees.js';

// The adapter against a real node, and against endpoints that are down, talk HTML, lag, or lie.

jest.setTimeout(15_000);

let anvil: Anvil;
let bench: Bench;
const servers: Server[] = [];
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  bench = await openBench(anvil);
});
afterEach(async () => {
  bench.dispose();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(() => anvil.stop());

interface RpcCall {
  id: number;
  method: string;
  params: unknown[];
}

/** An endpoint that answers in its own way: with text, or with what it makes of the node's result. */
async function endpoint(
  answer: (call: RpcCall, ask: () => Promise<unknown>) => Promise<{ text: string } | { result: unknown }>,
) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const call = JSON.parse(body) as RpcCall;
      void answer(call, () => anvil.rpc(call.method, ...call.params)).then((said) => {
        response.end('text' in said ? said.text : JSON.stringify({ jsonrpc: '2.0', id: call.id, ...said }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const htmlEndpoint = () => endpoint(async () => ({ text: '<html>Bad gateway</html>' }));

/** An endpoint like the node, but for the results of one method. */
const lyingEndpoint = (method: string, lie: (result: Record<string, unknown>, params: unknown[]) => unknown) =>
  endpoint(async (call, ask) => {
    const result = (await ask()) as Record<string, unknown>;
    return { result: call.method === method && result !== null ? lie(result, call.params) : result };
  });

const DEAD = 'http://127.0.0.1:9';

function root(): RootToAnchor {
  const [id] = bench.close(1) as [number];
  const found = bench.anchors.findUnanchored(CHAIN, 256).find((window) => window.id === id)!;
  return { window: id, root: found.root, logSize: found.logSize, logRoot: found.logRoot };
}

async function sign(
  roots: RootToAnchor[],
  { chain = bench.chain, nonce = 1n, replaces = '' } = {},
): Promise<SignedTransaction> {
  const signed = await chain.sign(roots, nonce, 3_000_000n, ...(replaces === '' ? [] : [replaces]));
  if (signed.result === 'refused') throw new Error(signed.detail);
  return signed.transaction;
}

async function anchored(anchor = root()): Promise<{ anchor: RootToAnchor; transactionId: string }> {
  const { signedBytes, transactionId } = await sign([anchor]);
  expect(await bench.chain.broadcast(signedBytes)).toEqual({ result: 'accepted' });
  await anvil.mine();
  return { anchor, transactionId };
}

describe('a transaction', () => {
  test('is absent, pending, in a block, and final when two blocks stand on it', async () => {
    const { signedBytes, transactionId } = await sign([root()]);
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
    const anchor = root();
    const first = await sign([anchor]);
    await bench.chain.broadcast(first.signedBytes);
    expect(await bench.chain.broadcast(first.signedBytes)).toEqual({ result: 'accepted' });
    await anvil.mine();
    expect(await bench.chain.broadcast(first.signedBytes)).toEqual({ result: 'nonce_used' });
  });

  test('that replaces another offers an eighth more', async () => {
    const anchor = root();
    const first = await sign([anchor]);
    const second = await sign([anchor], { replaces: first.fee });
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
    const url = await lyingEndpoint('eth_getBlockByNumber', (block) => ({ ...block, baseFeePerGas: '0x0' }));
    const { fee, signedBytes } = await sign([root()], { chain: bench.openChain({ rpcUrls: [url] }) });
    expect(parseFee(fee)).toEqual({ kind: 'legacy', gasPrice: BigInt((await anvil.rpc('eth_gasPrice')) as string) });
    expect(await bench.chain.broadcast(signedBytes)).toEqual({ result: 'accepted' });
  });
});

describe('a forecast', () => {
  test('gives the gas for the roots, with a margin', async () => {
    const forecast = await bench.chain.forecast([root(), root()]);
    expect(forecast).toMatchObject({ result: 'ok' });
    const { signedBytes, transactionId } = await sign([root()]);
    await bench.chain.broadcast(signedBytes);
    await anvil.mine(3);
    expect(await bench.chain.findTransaction(transactionId)).toMatchObject({ succeeded: true });
  });

  test('knows a root that is there, but not one that is only on its way', async () => {
    const anchor = root();
    const { signedBytes } = await sign([anchor]);
    await bench.chain.broadcast(signedBytes);
    expect(await bench.chain.forecast([anchor])).toMatchObject({ result: 'ok' });
    await anvil.mine();
    expect(await bench.chain.forecast([root(), anchor])).toEqual({ result: 'already_anchored' });
  });

  test('says who may not anchor', async () => {
    const wallet = await newWallet(bench.folder, anvil);
    const forecast = await bench.openChain({ wallet }).forecast([root()]);
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
    const { anchor, transactionId } = await anchored();
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
    const { anchor, transactionId } = await anchored();
    const height = Number(await anvil.rpc('eth_blockNumber'));
    await anvil.rpc('anvil_mine', '0x800', '0x1');
    const asked: { fromBlock: string; toBlock: string }[] = [];
    const url = await endpoint(async (call, ask) => {
      if (call.method === 'eth_getLogs') asked.push(call.params[0] as (typeof asked)[number]);
      return { result: await ask() };
    });
    const found = await findAnchor(anchor, bench.openChain({ rpcUrls: [url] }));
    expect(found).toMatchObject({ transaction: transactionId, block: { number: height } });
    expect(asked).toHaveLength(1);
    expect(Number(asked[0]!.toBlock) - Number(asked[0]!.fromBlock)).toBeLessThan(400);
  });

  test('is not found for a root that is not there, nor under another window', async () => {
    const { anchor } = await anchored();
    await anvil.mine(2);
    expect(await findAnchor({ ...anchor, root: root().root })).toBeUndefined();
    expect(await findAnchor({ ...anchor, window: anchor.window + 30 })).toBeUndefined();
  });
});

describe('the check at the start', () => {
  test('passes, with one of two endpoints dead', async () => {
    await expect(bench.chain.check()).resolves.toBeUndefined();
    await expect(bench.openChain({ rpcUrls: [DEAD, anvil.url] }).check()).resolves.toBeUndefined();
  });

  test('refuses an endpoint of another chain by name', async () => {
    const rpcUrls = [anvil.url, await lyingEndpoint('eth_chainId', () => '0x1')];
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
    const checking = bench.openChain({ rpcUrls: [DEAD, await htmlEndpoint()] }).check();
    await expect(checking).rejects.toMatchObject({ code: 'chain_unreachable' });
  });
});

describe('of several endpoints', () => {
  test.each([
    ['is dead', async () => DEAD],
    ['talks HTML', htmlEndpoint],
    [
      'limits the rate',
      () => endpoint(async () => ({ text: '{"id":1,"error":{"code":-32000,"message":"RPC_RATE_LIMIT"}}' })),
    ],
    ['has come to serve another chain', () => lyingEndpoint('eth_chainId', () => '0x1')],
  ])('one %s, and anchoring goes on by the other', async (_name, open) => {
    const windows = bench.close(2);
    const chain = bench.openChain({ rpcUrls: [await open(), anvil.url] });
    await bench.settle(bench.step({ chain }));
    expect(await bench.anchoredWindows(windows)).toEqual(windows);
    expect(await bench.paid()).toBe(1);
  });

  test('one does not know the block yet: it is not final yet', async () => {
    const { transactionId } = await anchored();
    await anvil.mine(2);
    const behind = await endpoint(async (call, ask) =>
      call.method.startsWith('eth_getTransaction') ? { result: null } : { result: await ask() },
    );
    const chain = bench.openChain({ rpcUrls: [anvil.url, behind] });
    expect(await chain.findTransaction(transactionId)).toMatchObject({ state: 'included', final: false });
  });

  test('one counts fewer nonces: the least is final', async () => {
    await anchored();
    await anvil.mine(2);
    const behind = await lyingEndpoint('eth_getTransactionCount', () => '0x1');
    expect(await bench.openChain({ rpcUrls: [anvil.url, behind] }).finalNonce()).toBe(1n);
  });

  test.each([
    ['the success', { status: '0x0' }],
    ['the block', { blockNumber: '0x1' }],
  ])('one contradicts %s: nobody knows', async (_name, lie) => {
    const { transactionId } = await anchored();
    await anvil.mine(2);
    const blockOne = (await anvil.rpc('eth_getBlockByNumber', '0x1', false)) as { hash: string };
    const liar = await lyingEndpoint('eth_getTransactionReceipt', (receipt) => ({
      ...receipt,
      ...lie,
      ...('blockNumber' in lie ? { blockHash: blockOne.hash } : {}),
    }));
    const finding = bench.openChain({ rpcUrls: [anvil.url, liar] }).findTransaction(transactionId);
    const message = expect.stringContaining('the endpoints disagree');
    await expect(finding).rejects.toMatchObject({ code: 'chain_unreachable', message });
  });

  test('one that gave no answer is left alone for a while', async () => {
    let asked = 0;
    const broken = await endpoint(async () => {
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
    const refusing = await endpoint(async (call, ask) => {
      if (call.method !== 'eth_sendRawTransaction') return { result: await ask() };
      sent.push(call.params[0] as string);
      return {
        text: JSON.stringify({ jsonrpc: '2.0', id: call.id, error: { code: -32000, message: 'txpool is full' } }),
      };
    });
    const { signedBytes } = await sign([root()]);
    const chain = bench.openChain({ rpcUrls: [refusing, anvil.url] });
    expect(await chain.broadcast(signedBytes)).toEqual({ result: 'accepted' });
    expect(sent).toEqual([`0x${Buffer.from(signedBytes).toString('hex')}`]);
    const alone = await bench.openChain({ rpcUrls: [refusing] }).broadcast(signedBytes);
    expect(alone).toEqual({ result: 'refused', reason: 'other', detail: 'txpool is full' });
  });
});

test('a transaction of a reorganised block is on its way again, whatever its receipt says', async () => {
  const { transactionId } = await anchored();
  const stale = await lyingEndpoint('eth_getBlockByNumber', (block, [height]) =>
    height === 'latest' || height === 'finalized' ? block : { ...block, hash: `0x${'ee'.repeat(32)}` },
  );
  const chain = bench.openChain({ rpcUrls: [stale] });
  expect(await chain.findTransaction(transactionId)).toEqual({ state: 'pending' });
});

test('a transaction that the contract took without an event is no anchor of ours', async () => {
  const { transactionId } = await anchored();
  const url = await lyingEndpoint('eth_getTransactionReceipt', (receipt) => ({ ...receipt, logs: [] }));
  const finding = bench.openChain({ rpcUrls: [url] }).findTransaction(transactionId);
  await expect(finding).rejects.toMatchObject({ code: 'invalid_settings' });
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

test('close ends the calls that are under way', async () => {
  const chain = bench.openChain({ rpcUrls: [await endpoint(() => new Promise(() => undefined))] });
  const asking = chain.finalNonce();
  chain.close();
  await expect(asking).rejects.toMatchObject({ code: 'chain_unreachable' });
});

describe('deploying the contract', () => {
  test('gives its address when its block is final; the wallet is its owner', async () => {
    const { address, blockNumber, transactionId } = await deploy(anvil, bench.wallet);
    const receipt = (await anvil.rpc('eth_getTransactionReceipt', transactionId)) as Record<string, string>;
    expect(address.toLowerCase()).toBe(receipt['contractAddress']);
    expect(blockNumber).toBe(Number(receipt['blockNumber']));
    const chain = bench.openChain({ contract: address });
    await chain.check();
    expect(await chain.forecast([root()])).toMatchObject({ result: 'ok' });
  });

  test('is refused to an empty wallet, with its addresses', async () => {
    await setBalance(anvil, bench.wallet, 0n);
    const message = expect.stringContaining(`${bench.wallet.address} (${bench.wallet.zilAddress}) holds 0.0 ZIL`);
    await expect(deploy(anvil, bench.wallet)).rejects.toMatchObject({ code: 'wallet_unusable', message });
  });
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
