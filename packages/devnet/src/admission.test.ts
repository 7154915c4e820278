import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Devnet } from './devnet.js';
import type { Flavour } from './options.js';
import {
  anchorData,
  anchorsCode,
  deploy,
  FUNDS,
  GAS_PRICE,
  initParams,
  NOBODY,
  openDevnet,
  receiptOf,
  rpc,
  settle,
  TestAccount,
  VERSION_FIELD,
} from './test-support/test-devnet.js';

const FRIEND = '0x4BAF5faDA8e5Db92C3d3242618c5B47133AE003C';

describe.each<Flavour>([1, 2])('Zilliqa %i', (flavour) => {
  let devnet: Devnet;
  let account: TestAccount;
  beforeEach(async () => {
    ({ devnet, account } = await openDevnet({ flavour, finalityBlocks: 2 }));
  });
  afterEach(() => devnet.close());

  const pending = async () => (await rpc(devnet.url, 'devnet_pending')).result;
  const create = (params: object) => rpc(devnet.url, 'CreateTransaction', params);
  const errorOf = (one: unknown, two: unknown) => (flavour === 1 ? one : two);

  test('a transfer is taken, waits, is in a block, is final, and costs 50 gas', async () => {
    const answer = await account.send({ to: FRIEND, amount: 7n });
    expect(answer.result.Info).toBe(errorOf('Non-contract txn, sent to shard', 'Txn processed'));
    expect(answer.result.TranID).toMatch(errorOf(/^[0-9a-f]{64}$/, /^0x[0-9a-f]{64}$/) as RegExp);
    const look = () => rpc(devnet.url, 'GetTransaction', answer.result.TranID);
    expect((await look()).error).toMatchObject({ code: -20, message: 'Txn Hash not Present' });
    expect((await account.balance()).result).toEqual({ balance: FUNDS.toString(), nonce: 0 });
    devnet.mine();
    expect((await look()).error).toMatchObject({ code: -20, message: 'Block not finalized' });
    expect((await account.balance()).result).toEqual({ balance: FUNDS.toString(), nonce: 0 });
    devnet.mine(2);
    expect((await look()).result.receipt).toMatchObject({ success: true, cumulative_gas: '50', epoch_num: '1' });
    const left = (FUNDS - 7n - 50n * GAS_PRICE).toString();
    expect((await account.balance()).result).toEqual({ balance: left, nonce: 1 });
    expect((await rpc(devnet.url, 'GetBalance', FRIEND)).result).toEqual({ balance: '7', nonce: 0 });
  });

  test.each<[string, (params: Record<string, unknown>) => object, number, string]>([
    ['a signature that is not of this message', (p) => ({ ...p, amount: '8' }), -26, 'signature'],
    ['a signature of another key', (p) => ({ ...p, signature: 'ab'.repeat(64) }), -26, 'signature'],
    ['a signature that is none', (p) => ({ ...p, signature: 'ab' }), -26, 'Cannot extract signature'],
    [
      'another public key',
      (p) => ({
        ...p,
        pubKey: new TestAccount('').publicKey,
      }),
      -26,
      'signature',
    ],
    ['a public key that is no point', (p) => ({ ...p, pubKey: `02${'ff'.repeat(32)}` }), -26, 'Invalid public key'],
    ['a public key that is no hex', (p) => ({ ...p, pubKey: '0x02' }), -26, 'Cannot parse public key'],
    [
      'a recipient in the wrong letter case',
      (p) => ({ ...p, toAddr: FRIEND.toLowerCase() }),
      -32603,
      'To Addr checksum wrong',
    ],
    ['a nonce that is text', (p) => ({ ...p, nonce: '1' }), -32602, 'nonce'],
    ['no gas price', ({ gasPrice: _, ...p }) => p, -32602, 'gasPrice'],
    ['nonce 0', (p) => ({ ...p, nonce: 0 }), -8, 'Invalid nonce (0)'],
  ])('%s is refused', async (_case, change, code, message) => {
    const params = await account.sign({ to: FRIEND, amount: 7n });
    const { error } = await create(change(params));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(await pending()).toEqual([]);
  });

  test('data beyond ASCII, of which zilliqa-js signs something else, are refused', async () => {
    expect((await account.send({ to: FRIEND, data: '{"_tag":"Ä€"}' })).error).toMatchObject({
      code: -26,
      message: 'signature',
    });
  });

  test('another chain, or another format of the message, is refused', async () => {
    expect((await account.send({ version: 65_537 })).error).toMatchObject({
      code: -26,
      message: 'unexpected chain ID, expected: 31337, got: 1',
    });
    expect((await account.send({ version: VERSION_FIELD + 1 })).error).toMatchObject({
      code: -26,
      message: 'unexpected version, expected: 1, got: 2',
    });
  });

  test('a gas price under the least is refused, and the least is taken', async () => {
    const least = BigInt((await rpc(devnet.url, 'GetMinimumGasPrice')).result);
    expect(least).toBe(errorOf(2_000_000_000n, 2_000_000_016n));
    expect((await account.send({ to: FRIEND, nonce: 1, gasPrice: least - 1n })).error).toMatchObject({
      code: -26,
      message: errorOf('GasPrice 1999999999 lower than minimum allowable 2000000000', 'Provided gas price is too low'),
    });
    expect((await account.send({ to: FRIEND, nonce: 1, gasPrice: least })).error).toBeUndefined();
  });

  test('without funds nothing is sent', async () => {
    const poor = new TestAccount(devnet.url);
    expect((await poor.balance()).error).toMatchObject({ code: -5, message: 'Account is not created' });
    expect((await poor.send({ to: FRIEND, nonce: 1 })).error).toMatchObject(
      errorOf(
        { code: -5, message: 'The sender of the txn has no balance' },
        { code: -8, message: `Insufficient funds - txn cost ${50n * GAS_PRICE} but account balance 0` },
      ) as object,
    );
  });

  test('the gas limit counts too: refused by the old network, failing without a charge in a block of the new', async () => {
    const poor = new TestAccount(devnet.url);
    devnet.fund(poor.address, 60n * GAS_PRICE);
    const answer = await poor.send({ to: FRIEND, gasLimit: 61 });
    settle(devnet);
    if (flavour === 1) {
      expect(answer.error).toMatchObject({ code: -8, message: 'Insufficient funds in source account!' });
      return;
    }
    expect(await receiptOf(devnet, answer)).toMatchObject({ success: false, errors: { 0: [22] }, gas_used: '0' });
    expect((await poor.balance()).result).toEqual({ balance: (60n * GAS_PRICE).toString(), nonce: 0 });
  });

  test('an amount beyond the balance fails in a block', async () => {
    const poor = new TestAccount(devnet.url);
    devnet.fund(poor.address, 60n * GAS_PRICE);
    const answer = await poor.send({ to: FRIEND, gasLimit: 50, amount: 60n * GAS_PRICE });
    settle(devnet);
    if (flavour === 1) expect(answer.error?.code).toBe(-8);
    else expect(await receiptOf(devnet, answer)).toMatchObject({ success: false, errors: { 0: [22] } });
    expect((await rpc(devnet.url, 'GetBalance', FRIEND)).error?.code).toBe(-5);
  });

  test('a nonce too high waits for its turn', async () => {
    const second = await account.send({ to: FRIEND, nonce: 2 });
    settle(devnet);
    expect((await rpc(devnet.url, 'GetTransaction', second.result.TranID)).error?.code).toBe(-20);
    await account.send({ to: FRIEND, nonce: 1 });
    settle(devnet);
    expect(await receiptOf(devnet, second)).toMatchObject({ success: true });
    expect((await account.balance()).result.nonce).toBe(2);
  });

  test('a nonce that is used is not taken, and Zilliqa 2 says so where it reads like a success', async () => {
    await account.send({ to: FRIEND });
    settle(devnet);
    const answer = await account.send({ to: FRIEND, nonce: 1, amount: 1n });
    if (flavour === 1) expect(answer.error).toMatchObject({ code: -8, message: 'Nonce (1) lower than current (1)' });
    else expect(answer.result.Info).toBe('Nonce (0) lower than current (1)');
    expect(await pending()).toEqual([]);
  });

  test('the same nonce is taken again at a higher price only', async () => {
    const first = await account.send({ to: FRIEND, nonce: 1 });
    const other = await account.send({ to: FRIEND, nonce: 1, amount: 1n });
    expect(other.result.Info).toBe(
      errorOf(
        'Non-contract txn, sent to shard',
        'Another transaction exists with the same nonce but a higher gas price',
      ),
    );
    expect(await pending()).toEqual([first.result.TranID.replace('0x', '')]);
    const higher = await account.send({ to: FRIEND, nonce: 1, gasPrice: GAS_PRICE + 1n });
    expect(await pending()).toEqual([higher.result.TranID.replace('0x', '')]);
  });

  test('the same transaction again is known by its id, however it is signed', async () => {
    const first = await account.send({ to: FRIEND, nonce: 1 });
    const again = await account.send({ to: FRIEND, nonce: 1 });
    if (flavour === 1) expect(again.error?.code).toBe(-20);
    else expect(again.result).toEqual({ TranID: first.result.TranID, Info: 'Txn already present' });
  });

  test('what is no transfer, call or deployment is refused', async () => {
    expect((await account.send({ to: NOBODY })).error?.code).toBe(errorOf(-5, -32603));
    expect((await account.send({ to: FRIEND, code: anchorsCode, data: '[]' })).error?.code).toBe(errorOf(-5, -32603));
  });

  test('more gas than a block has is refused', async () => {
    expect((await account.send({ to: FRIEND, gasLimit: 200_001 })).error?.code).toBe(-8);
  });

  test('of any other contract it says that it cannot run it', async () => {
    const code = anchorsCode.replace('field owner', 'field memo : String = ""\nfield owner');
    const { error } = await account.send({ code, data: JSON.stringify(initParams(account.address)), gasLimit: 20_000 });
    expect(error).toMatchObject({
      code: -1,
      message: expect.stringMatching(/chronos-devnet, which runs only .*memo:String/),
    });
  });

  test('a deployment with the wrong data fails in a block, and is paid for', async () => {
    const answer = await account.send({ code: anchorsCode, data: '[]', gasLimit: 20_000 });
    settle(devnet);
    const receipt = await receiptOf(devnet, answer);
    expect(receipt).toMatchObject({ success: false, errors: { 0: [8] } });
    const { balance, nonce } = (await account.balance()).result;
    expect([balance, nonce]).toEqual([(FUNDS - BigInt(receipt.cumulative_gas) * GAS_PRICE).toString(), 1]);
  });

  test('a deployment with gas for its length alone runs out of it', async () => {
    const data = JSON.stringify(initParams(account.address));
    const gasLimit = anchorsCode.length + data.length;
    const answer = await account.send({ code: anchorsCode, data, gasLimit });
    settle(devnet);
    expect(await receiptOf(devnet, answer)).toMatchObject({
      success: false,
      errors: { 0: [21] },
      cumulative_gas: gasLimit.toString(),
    });
    expect((await account.send({ code: anchorsCode, data, gasLimit: gasLimit - 1 })).error?.code).toBe(-8);
  });

  describe('with the contract', () => {
    let contract: string;
    beforeEach(async () => {
      contract = await deploy(devnet, account);
    });

    test('an anchor costs 300 gas and what the interpreter used', async () => {
      const answer = await account.send({ to: contract, data: anchorData('11') });
      expect(answer.result.Info).toBe(
        errorOf('Contract Txn, Shards Match of the sender and reciever', 'Txn processed'),
      );
      settle(devnet);
      expect(await receiptOf(devnet, answer)).toMatchObject({ success: true, accepted: false, cumulative_gas: '427' });
    });

    test('an anchor with too little gas is charged all of it and does nothing', async () => {
      const { balance } = (await account.balance()).result;
      const answer = await account.send({ to: contract, data: anchorData('11'), gasLimit: 426 });
      settle(devnet);
      expect(await receiptOf(devnet, answer)).toMatchObject({
        success: false,
        errors: { 0: [7] },
        cumulative_gas: '426',
      });
      expect((await account.balance()).result.balance).toBe((BigInt(balance) - 426n * GAS_PRICE).toString());
      expect((await rpc(devnet.url, 'GetSmartContractState', contract)).result.anchor_count).toBe('0');
    });

    test('less than the 300 is charged as a whole too', async () => {
      const data = JSON.stringify({ _tag: 'AcceptOwnership', params: [] });
      const answer = await account.send({ to: contract, data, gasLimit: 299 });
      settle(devnet);
      expect(await receiptOf(devnet, answer)).toMatchObject({
        success: false,
        errors: { 0: [21] },
        cumulative_gas: '299',
      });
    });

    test('a transition that throws is paid for, changes nothing, and names its exception', async () => {
      const stranger = new TestAccount(devnet.url);
      devnet.fund(stranger.address, FUNDS);
      const answer = await stranger.send({ to: contract, data: anchorData('11') });
      settle(devnet);
      const receipt = await receiptOf(devnet, answer);
      expect(receipt).toMatchObject({ success: false, errors: { 0: [7] }, cumulative_gas: '378' });
      expect(receipt.exceptions[0].message).toContain('"NotOwner"');
      expect((await stranger.balance()).result).toEqual({ balance: (FUNDS - 378n * GAS_PRICE).toString(), nonce: 1 });
    });

    test('money sent along stays where it was', async () => {
      await account.send({ to: contract, data: anchorData('11'), amount: 5n });
      settle(devnet);
      expect((await rpc(devnet.url, 'GetSmartContractState', contract)).result._balance).toBe('0');
    });

    test('money without a message is refused', async () => {
      expect((await account.send({ to: contract, amount: 5n })).error?.code).toBe(-8);
    });

    test('a message that is none fails in a block', async () => {
      const answer = await account.send({ to: contract, data: '{"_tag":"Anchor"}' });
      settle(devnet);
      expect(await receiptOf(devnet, answer)).toMatchObject({ success: false, errors: { 0: [7] } });
    });

    test('a call where no contract is: the old network refuses it, the new one moves the money', async () => {
      const answer = await account.send({ to: FRIEND, data: anchorData('11'), amount: 3n });
      settle(devnet);
      if (flavour === 1) expect(answer.error).toMatchObject({ code: -5, message: 'To addr is null' });
      else expect((await rpc(devnet.url, 'GetBalance', FRIEND)).result.balance).toBe('3');
    });
  });
});
