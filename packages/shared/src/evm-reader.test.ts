import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { ANCHORED_TOPIC, EvmReader, quantity } from './evm-reader.js';
import { html, json, LocalServer } from './fixtures/server.js';
import { toHex } from './bytes.js';

const server = new LocalServer();
beforeAll(() => server.start());
afterAll(() => server.close());

const hash = (byte: string) => `0x${byte.repeat(32)}`;
const ID = hash('aa');
const CONTRACT = `0x${'Ab'.repeat(20)}`;
const ROOT = 'cd'.repeat(32);

const event = {
  address: CONTRACT,
  topics: [ANCHORED_TOPIC, `0x${'0'.repeat(56)}6b002380`, `0x${ROOT.toUpperCase()}`],
  data: '0x',
};
const receipt = { status: '0x1', blockNumber: '0x64', blockHash: hash('b1'), logs: [event] };
const block = { number: '0x64', hash: hash('b1'), timestamp: '0x6b0023a1' };

type Node = Record<string, unknown>;

/** A node that holds the transaction in a final block; `changed` replaces what it answers, by method or block tag. */
function node(changed: Node = {}): void {
  const answers: Node = {
    eth_chainId: '0x8001',
    eth_getTransactionReceipt: receipt,
    '0x64': block,
    finalized: { ...block, number: '0x66', hash: hash('b3') },
    eth_getBlockByHash: null,
    ...changed,
  };
  server.seen.splice(0);
  server.handler = (request, response) => {
    const { id, method, params } = JSON.parse(request.body) as { id: number; method: string; params: unknown[] };
    const result = answers[method === 'eth_getBlockByNumber' ? String(params[0]) : method];
    json(response, result instanceof Error ? { id, error: { code: -32000, message: result.message } } : { id, result });
  };
}

const find = () => new EvmReader('eip155:32769', server.url).findTransaction(ID);
const methods = () => server.seen.map(({ body }) => (JSON.parse(body) as { method: string }).method);

test("the topic is the keccak-256 of the event's signature", () => {
  const signature = new TextEncoder().encode('Anchored(uint64,bytes32,uint64,bytes32)');
  expect(ANCHORED_TOPIC).toBe(`0x${toHex(keccak_256(signature))}`);
});

describe('a transaction in a final block', () => {
  test('is told with its block and its events', async () => {
    node();
    expect(await find()).toEqual({
      succeeded: true,
      final: true,
      block: { number: 100, hash: hash('b1'), timeMs: 0x6b0023a1 * 1000 },
      anchored: [{ contract: CONTRACT.toLowerCase(), window: 0x6b002380n, root: ROOT }],
    });
    expect(server.seen.map(({ body }) => (JSON.parse(body) as { params: unknown[] }).params)).toEqual([
      [],
      [ID],
      ['finalized', false],
      ['0x64', false],
    ]);
  });

  test('is final also when its block is the newest final one', async () => {
    node({ finalized: block });
    expect((await find())?.final).toBe(true);
  });

  test('the chain is asked for its id once', async () => {
    node();
    const reader = new EvmReader('eip155:32769', server.url);
    await reader.findTransaction(ID);
    await reader.findTransaction(ID);
    expect(methods().filter((method) => method === 'eth_chainId')).toHaveLength(1);
  });

  test('a receipt of status 0 has failed', async () => {
    node({ eth_getTransactionReceipt: { ...receipt, status: '0x0' } });
    expect((await find())?.succeeded).toBe(false);
  });

  test('windows keep all 64 bits', async () => {
    const topics = [ANCHORED_TOPIC, `0x${'0'.repeat(48)}${'f'.repeat(16)}`, hash('cd')];
    node({ eth_getTransactionReceipt: { ...receipt, logs: [{ ...event, topics }] } });
    expect((await find())?.anchored[0]?.window).toBe(2n ** 64n - 1n);
  });

  test('the events of other contracts are told as theirs, other events not at all', async () => {
    const foreign = { ...event, address: `0x${'12'.repeat(20)}` };
    const other = { ...event, topics: [hash('ee'), ...event.topics.slice(1)] };
    const unindexed = { ...event, topics: event.topics.slice(0, 2) };
    node({ eth_getTransactionReceipt: { ...receipt, logs: [foreign, other, unindexed, { ...event, topics: [] }] } });
    expect((await find())?.anchored.map(({ contract }) => contract)).toEqual([foreign.address]);
  });
});

describe('a transaction that is not final', () => {
  test('because the finalized block is below its own', async () => {
    node({ finalized: { ...block, number: '0x63' } });
    expect((await find())?.final).toBe(false);
  });

  test('because the chain has no finalized block yet', async () => {
    node({ finalized: null });
    expect((await find())?.final).toBe(false);
  });

  test('because another block stands at its height; the time told is that of its own', async () => {
    node({ '0x64': { ...block, hash: hash('b2'), timestamp: '0x1' }, eth_getBlockByHash: block });
    expect(await find()).toMatchObject({ final: false, block: { hash: hash('b1'), timeMs: 0x6b0023a1 * 1000 } });
  });
});

test('a transaction without a receipt is not in a block', async () => {
  node({ eth_getTransactionReceipt: null });
  expect(await find()).toBeUndefined();
});

describe('chain_unreachable is', () => {
  test.each<[string, Node, RegExp]>([
    ['another chain', { eth_chainId: '0x1' }, /serves eip155:1, the proof is anchored on eip155:32769/],
    [
      'a receipt in a block that the node does not have',
      { '0x64': null },
      /has a receipt in block 100 but not that block/,
    ],
    ['a block of another number than asked', { '0x64': { ...block, number: '0x65' } }, /but not that block/],
    ['a replaced block that the node has forgotten', { '0x64': { ...block, hash: hash('b2') } }, /but not that block/],
    [
      'a refusal',
      { eth_getTransactionReceipt: new Error('method not allowed') },
      /the node refuses: method not allowed/,
    ],
    ['no finality', { finalized: new Error('finalized block not found') }, /the node refuses/],
    ['a rate limit', { finalized: new Error('RPC_RATE_LIMIT') }, /RPC_RATE_LIMIT/],
    [
      'a receipt that is not in a block yet',
      { eth_getTransactionReceipt: { ...receipt, blockNumber: null } },
      /unexpected shape/,
    ],
    [
      'a quantity beyond the safe integers',
      { '0x64': { ...block, timestamp: '0x20000000000000' } },
      /unexpected shape/,
    ],
  ])('%s', async (_, changed, message) => {
    node(changed);
    await expect(find()).rejects.toMatchObject({ code: 'chain_unreachable', message: expect.stringMatching(message) });
  });

  test('a page of HTML', async () => {
    server.handler = (_, response) => html(response, 502);
    await expect(find()).rejects.toMatchObject({ code: 'chain_unreachable', message: 'eth_chainId: HTTP 502' });
  });
});

test('a quantity is a hexadecimal safe integer', () => {
  expect(quantity.parse('0x0')).toBe(0);
  expect(quantity.parse('0x1fffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
  for (const bad of ['', '0x', '10', '0x-1', '0x20000000000000', 16, null])
    expect(quantity.safeParse(bad).success).toBe(false);
});
