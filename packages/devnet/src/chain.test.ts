import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Devnet } from './devnet.js';
import { Ledger } from './ledger.js';
import {
  anchorData,
  deploy,
  FUNDS,
  openDevnet,
  receiptOf,
  root,
  rpc,
  settle,
  TestAccount,
} from './test-support/test-devnet.js';

const FRIEND = '0x4BAF5faDA8e5Db92C3d3242618c5B47133AE003C';

let devnet: Devnet;
let account: TestAccount;
const call = (method: string, ...params: unknown[]) => rpc(devnet.url, method, ...params);

describe('finality', () => {
  beforeEach(async () => {
    ({ devnet, account } = await openDevnet());
  });
  afterEach(() => devnet.close());

  test('what is read is what is final, of state, balance and blocks alike', async () => {
    const contract = await deploy(devnet, account);
    await account.send({ to: contract, data: anchorData('11') });
    const count = async () => (await call('GetSmartContractState', contract)).result.anchor_count;
    const seen = [];
    for (let i = 0; i < 4; i++) {
      devnet.mine();
      seen.push([await count(), (await account.balance()).result.nonce]);
    }
    expect(seen).toEqual([
      ['0', 1],
      ['0', 1],
      ['1', 2],
      ['1', 2],
    ]);
  });

  test('a reorganisation takes blocks back that are not final: their transactions wait again and land elsewhere', async () => {
    const contract = await deploy(devnet, account);
    const answer = await account.send({ to: contract, data: anchorData('11') });
    devnet.mine(2);
    expect((await call('devnet_reorganise', { depth: 2 })).result).toBe(true);
    devnet.mine(2);
    expect((await call('GetSmartContractState', contract)).result.anchor_count).toBe('0');
    expect((await call('devnet_pending')).result).toEqual([]);
    settle(devnet);
    expect(await receiptOf(devnet, answer)).toMatchObject({ success: true, epoch_num: '6' });
    expect((await call('GetSmartContractSubState', contract, 'anchors', [])).result).toEqual({
      anchors: { [root('11')]: '6' },
    });
    expect((await account.balance()).result.nonce).toBe(2);
  });

  test('or they are lost, and can be sent again as they were', async () => {
    const payload = await account.sign({ to: FRIEND, amount: 1n });
    const answer = await call('CreateTransaction', payload);
    devnet.mine();
    await call('devnet_reorganise', { depth: 1, drop: true });
    settle(devnet);
    expect((await call('GetTransaction', answer.result.TranID)).error?.message).toBe('Txn Hash not Present');
    expect((await account.balance()).result).toEqual({ balance: FUNDS.toString(), nonce: 0 });
    expect((await call('CreateTransaction', payload)).result.Info).toBe('Txn processed');
    settle(devnet);
    expect(await receiptOf(devnet, answer)).toMatchObject({ success: true });
  });

  test('the blocks in their place have other hashes, even at the same time', () => {
    const ledger = new Ledger({ clock: () => 5n, finalityBlocks: 2 });
    const before = ledger.mine();
    ledger.reorganise(1, { drop: false });
    expect(ledger.head).toMatchObject({ number: 1, parentHash: before.parentHash, timestampUs: before.timestampUs });
    expect(ledger.head.hash).not.toBe(before.hash);
  });

  test('what is final is never taken back', async () => {
    devnet.mine(5);
    expect((await call('devnet_reorganise', { depth: 3 })).error).toMatchObject({ code: -8 });
    expect(() => devnet.reorganise(3)).toThrow('A final block');
    devnet.reorganise(2);
  });

  test('money given by the admin is there at once, and stays through a reorganisation', async () => {
    await account.send({ to: FRIEND, amount: 1n });
    devnet.mine();
    await call('devnet_fund', FRIEND, '5');
    expect((await call('GetBalance', FRIEND)).result.balance).toBe('5');
    devnet.reorganise(1, { drop: true });
    settle(devnet);
    expect((await call('GetBalance', FRIEND)).result.balance).toBe('5');
  });
});

describe('waiting', () => {
  afterEach(() => devnet.close());

  test('a transaction that waited too long is forgotten, and can be sent again', async () => {
    ({ devnet, account } = await openDevnet({ expiryBlocks: 3 }));
    const payload = await account.sign({ to: FRIEND, nonce: 2 });
    await call('CreateTransaction', payload);
    devnet.mine(3);
    expect((await call('devnet_pending')).result).toHaveLength(1);
    devnet.mine();
    expect((await call('devnet_pending')).result).toEqual([]);
    expect((await call('CreateTransaction', payload)).result.Info).toBe('Txn processed');
  });

  test('the best paid goes first, each account in the order of its nonces', async () => {
    ({ devnet, account } = await openDevnet());
    const other = new TestAccount(devnet.url);
    devnet.fund(other.address, FUNDS);
    const price = 3_000_000_000n;
    const first = await account.send({ to: FRIEND, gasPrice: price });
    const second = await account.send({ to: FRIEND, gasPrice: price + 2n });
    const third = await other.send({ to: FRIEND, gasPrice: price + 1n });
    settle(devnet);
    const ids = [third, first, second].map(({ result }) => result.TranID.slice(2));
    expect((await call('GetTransactionsForTxBlock', '1')).result).toEqual([ids]);
  });

  test('a block takes no more gas than it has room for', async () => {
    ({ devnet, account } = await openDevnet());
    for (let i = 0; i < 2; i++) await account.send({ to: FRIEND, gasLimit: 150_000 });
    await account.send({ to: FRIEND, gasLimit: 200_000 });
    devnet.mine();
    expect((await call('devnet_pending')).result).toHaveLength(1);
  });

  test('blocks are made by a timer, until it is stopped', async () => {
    ({ devnet, account } = await openDevnet({ blockMs: 1, finalityBlocks: 0 }));
    const number = async () => Number((await call('GetNumTxBlocks')).result);
    while ((await number()) < 3);
    await call('devnet_stopBlocks');
    const stopped = await number();
    await account.send({ to: FRIEND });
    expect(await number()).toBe(stopped);
    await call('devnet_startBlocks');
    while ((await number()) === stopped);
    expect((await account.balance()).result.nonce).toBe(1);
  });
});
