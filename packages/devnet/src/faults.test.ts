import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Devnet } from './devnet.js';
import { Faults } from './faults.js';
import { Ledger } from './ledger.js';
import { Rpc } from './rpc.js';
import { isLoopback } from './server.js';
import { openDevnet, receiptOf, rpc, settle, type TestAccount } from './test-support/test-devnet.js';

const FRIEND = '0x4BAF5faDA8e5Db92C3d3242618c5B47133AE003C';

let devnet: Devnet;
let account: TestAccount;
beforeEach(async () => {
  ({ devnet, account } = await openDevnet());
});
afterEach(() => devnet.close());

const call = (method: string, ...params: unknown[]) => rpc(devnet.url, method, ...params);
const fault = async (options: object) => expect((await call('devnet_fault', options)).result).toBe(true);
const pending = async () => (await call('devnet_pending')).result;
const post = (body: unknown, signal?: AbortSignal) =>
  fetch(devnet.url, { method: 'POST', body: JSON.stringify(body), ...(signal ? { signal } : {}) });
const networkId = { id: 1, jsonrpc: '2.0', method: 'GetNetworkId', params: [''] };

describe('of a transaction', () => {
  test('drop: answered as taken, and never heard of again; the same one can be sent again', async () => {
    await fault({ kind: 'drop' });
    const payload = await account.sign({ to: FRIEND });
    const dropped = await call('CreateTransaction', payload);
    expect(dropped.result.Info).toBe('Txn processed');
    settle(devnet);
    expect((await call('GetTransaction', dropped.result.TranID)).error?.code).toBe(-20);
    expect((await call('CreateTransaction', payload)).result).toEqual(dropped.result);
    settle(devnet);
    expect(await receiptOf(devnet, dropped)).toMatchObject({ success: true });
  });

  test('drop: a wrong one is refused all the same', async () => {
    await fault({ kind: 'drop' });
    expect((await account.send({ version: 1 })).error?.code).toBe(-26);
  });

  test('delay: so many blocks pass it by', async () => {
    await fault({ kind: 'delay', blocks: 2 });
    const answer = await account.send({ to: FRIEND });
    devnet.mine(2);
    expect(await pending()).toHaveLength(1);
    settle(devnet);
    expect(await receiptOf(devnet, answer)).toMatchObject({ epoch_num: '3' });
  });

  test('acceptThenError: an error is answered, and yet it lands', async () => {
    await fault({ kind: 'acceptThenError' });
    const payload = await account.sign({ to: FRIEND });
    expect((await call('CreateTransaction', payload)).error).toMatchObject({ code: -32603 });
    const [id] = await pending();
    settle(devnet);
    expect((await call('GetTransaction', id)).result.receipt.success).toBe(true);
  });

  test('refuse: as mainnet refuses, for as long as it is told', async () => {
    await fault({ kind: 'refuse', count: 'always' });
    for (let i = 1; i <= 3; i++)
      expect((await account.send({ to: FRIEND, nonce: 1 })).error).toMatchObject({
        code: -32,
        message: 'CreateTransaction is disabled',
      });
    expect((await account.balance()).error).toBeUndefined();
    await call('devnet_clearFaults');
    expect((await account.send({ to: FRIEND, nonce: 1 })).error).toBeUndefined();
  });

  test('refuse: with another error, of another call', async () => {
    await fault({ kind: 'refuse', method: 'GetBalance', code: -32001, message: 'Busy' });
    expect((await account.balance()).error).toMatchObject({ code: -32001, message: 'Busy' });
    expect((await account.balance()).error).toBeUndefined();
  });

  test('devnet_drop: one that waits is forgotten', async () => {
    const { result } = await account.send({ to: FRIEND });
    expect((await call('devnet_drop', result.TranID)).result).toBe(true);
    expect((await call('devnet_drop', result.TranID)).result).toBe(false);
    expect(await pending()).toEqual([]);
  });
});

describe('of any call', () => {
  test('html: a gateway answers in place of the node, as often as told', async () => {
    await fault({ kind: 'html', count: 2 });
    for (let i = 0; i < 2; i++) {
      const response = await post(networkId);
      expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
      expect(await response.text()).toContain('Bad Gateway');
    }
    expect((await post(networkId)).status).toBe(200);
  });

  test('rateLimit: of one method alone', async () => {
    await fault({ kind: 'rateLimit', method: 'GetTransaction' });
    expect((await call('GetNetworkId')).result).toBe('31337');
    expect((await call('GetTransaction', '00'.repeat(32))).error).toMatchObject({
      code: -32000,
      message: 'RPC_RATE_LIMIT',
    });
    expect((await call('GetTransaction', '00'.repeat(32))).error?.code).toBe(-20);
  });

  /** Sends a transaction that is taken, and whose answer hangs. */
  async function hang(signal: AbortSignal) {
    await fault({ kind: 'hang', method: 'CreateTransaction', after: true });
    const params = [await account.sign({ to: FRIEND })];
    const answer = post({ id: 1, jsonrpc: '2.0', method: 'CreateTransaction', params }, signal);
    const ended = expect(answer).rejects.toThrow();
    return ended;
  }

  test('hang: no answer comes, and with `after` it is done nevertheless', async () => {
    const hanging = new AbortController();
    const ended = hang(hanging.signal);
    while ((await pending()).length === 0);
    hanging.abort();
    await ended;
    settle(devnet);
    expect((await account.balance()).result.nonce).toBe(1);
  });

  test('hang: the chain can be closed meanwhile', async () => {
    const ended = hang(new AbortController().signal);
    while ((await pending()).length === 0);
    await devnet.close();
    await ended;
    ({ devnet, account } = await openDevnet());
  });

  test('a fault befalls no admin call', async () => {
    await fault({ kind: 'html', count: 'always' });
    expect(await pending()).toEqual([]);
  });

  test.each([
    [{ kind: 'fire' }, 'kind'],
    [{ kind: 'drop', often: 3 }, 'often'],
    [{ kind: 'drop', count: 0 }, 'count'],
  ])('%j is no fault that it knows', async (options, named) => {
    expect((await call('devnet_fault', options)).error).toMatchObject({
      code: -32602,
      message: expect.stringContaining(named),
    });
  });
});

describe('the door', () => {
  test('answers a batch in its order, and what is no call with an error', async () => {
    const answers = (await (
      await post([networkId, { ...networkId, id: 2, method: 'GetNothing' }, 7])
    ).json()) as object[];
    expect(answers).toMatchObject([
      { id: 1, result: '31337' },
      { id: 2, error: { code: -32601 } },
      { id: null, error: { code: -32600 } },
    ]);
  });

  test.each([
    ['{', -32700],
    ['[]', -32600],
    ['null', -32600],
    ['{"method":7}', -32600],
  ])('%s is refused', async (body, code) => {
    const response = await fetch(devnet.url, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ id: null, error: { code } });
  });

  test('knows no admin calls of other machines', () => {
    const ledger = new Ledger({ clock: () => 5n, finalityBlocks: 2 });
    const methods = { native: { GetNetworkId: () => '7' }, admin: { devnet_mine: () => 8 } };
    const door = new Rpc({ ...methods, faults: new Faults(), ledger });
    const ask = (method: string, isLocal: boolean) =>
      door.answer(JSON.stringify({ id: 1, jsonrpc: '2.0', method, params: [] }), { isLocal });
    expect(ask('devnet_mine', true)).toMatchObject({ body: { result: 8 } });
    expect(ask('devnet_mine', false)).toMatchObject({ body: { error: { code: -32601 } } });
    expect(ask('GetNetworkId', false)).toMatchObject({ body: { result: '7' } });
  });

  test.each([
    ['127.0.0.1', true],
    ['::ffff:127.0.0.1', true],
    ['::1', true],
    ['10.0.0.1', false],
    ['::ffff:10.127.0.1', false],
    ['fe80::1', false],
  ])('%s is this machine: %s', (address, isLocal) => {
    expect(isLoopback(address)).toBe(isLocal);
  });

  test('takes POST alone, and no body beyond a megabyte', async () => {
    expect((await fetch(devnet.url)).status).toBe(405);
    expect((await fetch(devnet.url, { method: 'POST', body: ' '.repeat(1_000_001) })).status).toBe(413);
  });

  test.each([
    ['GetBalance', ['12']],
    ['GetBalance', []],
    ['GetTransaction', ['12']],
    ['GetTxBlock', ['-1']],
    ['GetSmartContractSubState', ['11'.repeat(20), 7]],
    ['CreateTransaction', []],
    ['devnet_mine', [0]],
    ['devnet_fund', ['11'.repeat(20), 5]],
  ])('%s %j: the parameters are wrong', async (method, params) => {
    devnet.fund('11'.repeat(20), 1n);
    expect((await call(method, ...params)).error?.code).toBe(method === 'GetSmartContractSubState' ? -5 : -32602);
  });
});
