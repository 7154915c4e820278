import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BN, Long, toChecksumAddress, type Zilliqa } from '@zilliqa-js/zilliqa';
import type { Devnet } from './devnet.js';
import type { Flavour } from './options.js';
import {
  anchorParams,
  anchorsCode,
  GAS_PRICE,
  initParams,
  openDevnet,
  openZilliqa,
  root,
  rpc,
  settle,
  type TestAccount,
  VERSION_FIELD,
} from './test-support/test-devnet.js';

const callParams = (gasLimit = 2000) => ({
  version: VERSION_FIELD,
  amount: new BN(0),
  gasPrice: new BN(GAS_PRICE.toString()),
  gasLimit: Long.fromNumber(gasLimit),
});

describe.each<Flavour>([1, 2])('the unmodified zilliqa-js, on Zilliqa %i', (flavour) => {
  let devnet: Devnet;
  let account: TestAccount;
  let zilliqa: Zilliqa;
  beforeEach(async () => {
    ({ devnet, account } = await openDevnet({ flavour }));
    zilliqa = openZilliqa(devnet.url);
  });
  afterEach(() => devnet.close());

  /** Deploys without waiting: blocks are made when the test says so. */
  async function deploy() {
    const contract = zilliqa.contracts.new(anchorsCode, initParams(account.address));
    const [transaction, { address }] = await contract.deployWithoutConfirm(callParams(20_000));
    settle(devnet);
    await transaction.confirm(transaction.id!, 1, 0);
    expect(transaction.isConfirmed()).toBe(true);
    // The object that it gives has the address as the node printed it, which its own calls refuse.
    return zilliqa.contracts.at(toChecksumAddress(address!));
  }

  test('deploys the contract and finds its code, its initial data and its fields', async () => {
    const contract = await deploy();
    const { blockchain } = zilliqa;
    expect((await blockchain.getSmartContractCode(contract.address!)).result?.code).toBe(anchorsCode);
    expect(await contract.getInit()).toEqual([
      ...initParams(account.address),
      { vname: '_creation_block', type: 'BNum', value: '1' },
      { vname: '_this_address', type: 'ByStr20', value: contract.address!.toLowerCase() },
    ]);
    expect(await contract.getState()).toEqual({
      _balance: '0',
      owner: account.address.toLowerCase(),
      pending_owner: `0x${'0'.repeat(40)}`,
      latest_root: root('00'),
      latest_window: '0',
      anchor_count: '0',
      anchors: {},
    });
    const made = (await blockchain.getSmartContracts(account.address)).result as { address: string }[];
    expect(made.map(({ address }) => `0x${address}`)).toEqual([contract.address!.toLowerCase()]);
  });

  test('anchors, and finds receipt, event and sub-state; a root again fails', async () => {
    const contract = await deploy();
    const anchored = await contract.callWithoutConfirm('Anchor', anchorParams('11'), callParams());
    settle(devnet);
    await anchored.confirm(anchored.id!, 1, 0);
    const receipt = anchored.getReceipt()!;
    expect(receipt).toMatchObject({ success: true, cumulative_gas: 427, epoch_num: '4' });
    expect(receipt.event_logs).toEqual([
      {
        address: contract.address!.toLowerCase(),
        _eventname: 'Anchored',
        params: [...anchorParams('11'), { vname: 'block', type: 'BNum', value: '4' }],
      },
    ]);
    expect(await contract.getSubState('anchors', [root('11')])).toEqual({ anchors: { [root('11')]: '4' } });
    expect(await contract.getSubState('anchors', [root('22')])).toBeNull();
    expect(await contract.getSubState('latest_root')).toEqual({ latest_root: root('11') });

    const again = await contract.callWithoutConfirm('Anchor', anchorParams('11'), callParams());
    settle(devnet);
    await again.confirm(again.id!, 1, 0);
    expect(again.isRejected()).toBe(true);
    expect(again.getReceipt()).toMatchObject({ success: false, errors: { 0: [7] } });
    expect(JSON.stringify(again.getReceipt()!.exceptions)).toContain('AlreadyAnchored');
  });

  test('finds the transaction by the id that it computed itself', async () => {
    const contract = await deploy();
    const anchored = await contract.callWithoutConfirm('Anchor', anchorParams('11'), callParams());
    expect(anchored.id!.replace(/^0x/, '')).toBe(anchored.hash);
    settle(devnet);
    const found = await zilliqa.blockchain.getTransaction(anchored.id!);
    expect(found.txParams).toMatchObject({ nonce: 2, toAddr: contract.address });
    expect(JSON.parse(found.txParams.data!)).toEqual({ _tag: 'Anchor', params: anchorParams('11') });
  });

  test('finds the address of a contract by its transaction', async () => {
    const contract = zilliqa.contracts.new(anchorsCode, initParams(account.address));
    const [transaction, { address }] = await contract.deployWithoutConfirm(callParams(20_000));
    settle(devnet);
    const { result } = await zilliqa.blockchain.getContractAddressFromTransactionID(transaction.id!);
    expect(result).toBe(address!.replace(/^0x/, ''));
  });

  test('waits for a transaction as it does by itself, while blocks are made', async () => {
    const transaction = zilliqa.transactions.new({ ...callParams(50), toAddr: account.address });
    const sent = zilliqa.blockchain.createTransaction(transaction, 5, 20);
    let isDone = false;
    const done = sent.finally(() => (isDone = true));
    while (!isDone) {
      devnet.mine();
      await new Promise(setImmediate);
    }
    expect((await done).isConfirmed()).toBe(true);
  });

  test('reads blocks: numbers, hashes that follow each other, times in microseconds', async () => {
    settle(devnet);
    const { blockchain } = zilliqa;
    const latest = (await blockchain.getLatestTxBlock()).result!;
    const final = flavour === 1 ? 3 : 1;
    expect(latest.header.BlockNum).toBe(final.toString());
    const before = (await blockchain.getTxBlock(final - 1)).result!;
    expect(latest.header.PrevBlockHash).toBe(before.body.BlockHash);
    expect(latest.header.Timestamp).toMatch(/^1795171[0-9]{9}$/);
    expect(BigInt(latest.header.Timestamp)).toBeGreaterThan(BigInt(before.header.Timestamp));
    expect((await blockchain.getTxBlock(99)).result).toBeNull();
    expect((await blockchain.getNumTxBlocks()).result).toBe(final.toString());
    expect((await blockchain.getBlockChainInfo()).result).toMatchObject({ CurrentMiniEpoch: final.toString() });
    if (flavour === 2) expect((await blockchain.getTxBlock(3)).error?.message).toBe('Block not finalized');
  });

  test('reads network id and least gas price', async () => {
    expect((await zilliqa.network.GetNetworkId()).result).toBe('31337');
    expect((await zilliqa.blockchain.getMinimumGasPrice()).result).toBe(flavour === 1 ? '2000000000' : '2000000016');
  });

  test('is told by the chain what it is', async () => {
    const { result } = await rpc(devnet.url, 'GetVersion');
    expect(result.Version).toMatch(/chronos-devnet .*development chain, not Zilliqa.*only the Chronos anchor contract/);
  });
});
