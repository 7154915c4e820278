import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkAnchor } from './chain-reader.js';
import { html, json, LocalServer } from './fixtures/server.js';
import type { Proof } from './proof.js';
import { ScillaReader } from './scilla-reader.js';

const server = new LocalServer();
beforeAll(() => server.start());
afterAll(() => server.close());

const ID = 'aa'.repeat(32);
const CONTRACT = '4baf5fada8e5db92c3d3242618c5b47133ae003c';
const ROOT = 'cd'.repeat(32);
const BLOCK_HASH = 'b1'.repeat(32);

const event = {
  _eventname: 'Anchored',
  address: `0x${CONTRACT.toUpperCase()}`,
  params: [
    { vname: 'window', type: 'Uint64', value: '1795171200' },
    { vname: 'root', type: 'ByStr32', value: `0x${ROOT}` },
    { vname: 'log_size', type: 'Uint64', value: '1' },
    { vname: 'log_root', type: 'ByStr32', value: `0x${'ee'.repeat(32)}` },
    { vname: 'block', type: 'BNum', value: '100' },
  ],
};
const receipt = { success: true, cumulative_gas: '391', epoch_num: '100', event_logs: [event] };
const block = { header: { BlockNum: '100', Timestamp: '1795171233120999' }, body: { BlockHash: BLOCK_HASH } };

/** What the generations tell differently: whether hashes have `0x`, and fields that only one has. */
const GENERATIONS: Record<string, Record<string, unknown>> = {
  'Zilliqa 1': { GetTransaction: { ID, version: '65537', receipt: { ...receipt, transitions: [] } } },
  'Zilliqa 2': {
    GetTransaction: { ID: `0x${ID}`, version: '65537', receipt: { ...receipt, gas_used: '391', errors: {} } },
  },
};

class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** A node that has the transaction; `changed` replaces what it answers, by method. */
function node(changed: Record<string, unknown> = {}): void {
  const answers: Record<string, unknown> = {
    GetNetworkId: '1',
    GetTxBlock: block,
    ...GENERATIONS['Zilliqa 2'],
    ...changed,
  };
  server.seen.splice(0);
  server.handler = (request, response) => {
    const { id, method } = JSON.parse(request.body) as { id: number; method: string };
    const result = answers[method];
    if (!(result instanceof Refusal)) json(response, { id, result });
    else json(response, { id, error: { code: result.code, message: result.message } });
  };
}

const withReceipt = (changed: object) => ({ GetTransaction: { ID, receipt: { ...receipt, ...changed } } });
const find = () => new ScillaReader('zilliqa:1', server.url).findTransaction(`0x${ID}`);
const called = () => server.seen.map(({ body }) => JSON.parse(body) as { method: string; params: unknown[] });

test.each(Object.keys(GENERATIONS))('a transaction of %s is told with its block and its events', async (generation) => {
  node(GENERATIONS[generation]);
  expect(await find()).toEqual({
    succeeded: true,
    final: true,
    block: { number: 100, hash: BLOCK_HASH, timeMs: 1795171233120 },
    anchored: [{ contract: `0x${CONTRACT}`, window: 1795171200n, root: ROOT }],
  });
  expect(called().map(({ method, params }) => [method, params])).toEqual([
    ['GetNetworkId', []],
    ['GetTransaction', [ID]],
    ['GetTxBlock', ['100']],
  ]);
});

test('the chain is asked for its id once', async () => {
  node();
  const reader = new ScillaReader('zilliqa:1', server.url);
  await reader.findTransaction(ID);
  await reader.findTransaction(ID);
  expect(called().filter(({ method }) => method === 'GetNetworkId')).toHaveLength(1);
});

test('a receipt without success has failed', async () => {
  node(withReceipt({ success: false, event_logs: undefined }));
  expect(await find()).toMatchObject({ succeeded: false, anchored: [] });
});

test('other events, events of the EVM and broken ones are not told', async () => {
  const broken = [
    { ...event, _eventname: 'Other' },
    { address: event.address, topics: [ROOT], data: '0x' },
    { ...event, params: [] },
    { ...event, params: [event.params[0], { ...event.params[1], value: '0x12' }] },
    { ...event, params: [{ ...event.params[0], value: '-1' }, event.params[1]] },
    null,
  ];
  node(withReceipt({ event_logs: [...broken, event] }));
  expect((await find())?.anchored).toHaveLength(1);
});

describe('there is no such transaction in a final block', () => {
  test.each(['Txn Hash not Present', 'Txn Hash not found', 'Block not finalized'])(
    'when the node says "%s"',
    async (message) => {
      node({ GetTransaction: new Refusal(-20, message) });
      expect(await find()).toBeUndefined();
    },
  );
});

describe('nothing is known', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['when its database fails', { GetTransaction: new Refusal(-20, 'Unable to Process') }, 'the node refuses'],
    ['when it limits the rate', { GetTransaction: new Refusal(-32000, 'RPC_RATE_LIMIT') }, 'RPC_RATE_LIMIT'],
    ['when it refuses', { GetTransaction: new Refusal(-32601, 'Method not found') }, 'the node refuses'],
    ['when it serves another network', { GetNetworkId: '333' }, 'serves zilliqa:333'],
    ['when it has no such block', { GetTxBlock: null }, 'but not that block'],
    [
      'when it answers with another block',
      { GetTxBlock: { ...block, header: { ...block.header, BlockNum: '18446744073709551615' } } },
      'but not that block',
    ],
    ['when the receipt is not there', { GetTransaction: { ID } }, 'unexpected shape'],
  ])('%s', async (_, changed, message) => {
    node(changed);
    await expect(find()).rejects.toMatchObject({
      code: 'chain_unreachable',
      message: expect.stringContaining(message) as unknown,
    });
  });

  test('when a page comes back', async () => {
    server.handler = (_, response) => html(response, 502);
    await expect(find()).rejects.toMatchObject({ code: 'chain_unreachable' });
  });
});

describe('an anchor', () => {
  const proof = { window: { id: 1795171200 }, inclusion: { root: ROOT } } as Proof;
  const anchor = {
    type: 'zilliqa-scilla' as const,
    chain: 'zilliqa:1',
    contract: `0x${CONTRACT}`,
    transaction: ID,
    block: { number: 100, hash: BLOCK_HASH, time: '2026-11-20T10:40:33.120Z' },
  };
  const check = (changed: object) =>
    checkAnchor(new ScillaReader('zilliqa:1', server.url), { ...anchor, ...changed }, proof);

  test.each([`0x${CONTRACT}`, CONTRACT, 'zil1fwh4ltdguhde9s7nysnp33d5wye6uqpugufkz7'])(
    'holds whose contract is written %s',
    async (contract) => {
      node();
      expect(await check({ contract, transaction: `0x${ID}` })).toMatchObject({ ok: true });
    },
  );

  test.each([
    ['contract', { contract: 'zil1fwh4ltdguhde9s7nysnp33d5wye6uqpugufkz8' }],
    ['block', { block: { ...anchor.block, hash: 'b2'.repeat(32) } }],
    ['time', { block: { ...anchor.block, time: '2026-11-20T10:40:33.121Z' } }],
  ])('of another %s does not', async (_, changed) => {
    node();
    expect(await check(changed)).toMatchObject({ ok: false, code: 'anchor_mismatch' });
  });
});
