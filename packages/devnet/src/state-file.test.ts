import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anchorData, deploy, FUNDS, openDevnet, rpc, settle, TestAccount } from './test-support/test-devnet.js';
import { startDevnet } from './devnet.js';

const FRIEND = '0x4BAF5faDA8e5Db92C3d3242618c5B47133AE003C';

let folder: string;
let stateFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chronos-devnet-'));
  stateFile = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('all is as it was after a restart: blocks, accounts, contract, receipts, what waits and what may be undone', async () => {
  const { devnet, account } = await openDevnet({ stateFile });
  const contract = await deploy(devnet, account);
  const anchored = await account.send({ to: contract, data: anchorData('11') });
  settle(devnet);
  const recent = await account.send({ to: FRIEND, amount: 1n });
  devnet.mine();
  const waiting = await account.send({ to: FRIEND, nonce: 9 });
  const questions: [string, ...unknown[]][] = [
    ['GetLatestTxBlock'],
    ['GetTxBlock', '1'],
    ['GetBalance', account.address],
    ['GetSmartContractState', contract],
    ['GetSmartContractInit', contract],
    ['GetSmartContractCode', contract],
    ['GetTransaction', anchored.result.TranID],
    ['GetTransaction', recent.result.TranID],
    ['devnet_pending'],
  ];
  const ask = (url: string) => Promise.all(questions.map(([method, ...params]) => rpc(url, method, ...params)));
  const before = await ask(devnet.url);
  await devnet.close();

  const again = await startDevnet({ blockMs: 0, stateFile, fund: { [account.address]: 1n } });
  expect(await ask(again.url)).toEqual(before);
  expect(before.at(-1)!.result).toEqual([waiting.result.TranID.slice(2)]);
  again.reorganise(1, { drop: true });
  settle(again);
  expect((await rpc(again.url, 'GetBalance', FRIEND)).error?.code).toBe(-5);
  const later = await new TestAccount(again.url, account.address).send({ to: account.address, nonce: 3 });
  settle(again);
  expect((await rpc(again.url, 'GetTransaction', later.result.TranID)).result.receipt.success).toBe(true);
  await again.close();
  // What was undone left nothing that cannot be read.
  await (await startDevnet({ blockMs: 0, stateFile })).close();
  expect(readdirSync(folder)).toEqual(['state.json']);
});

test('the same is saved twice alike', async () => {
  const { devnet, account } = await openDevnet({ stateFile });
  await deploy(devnet, account);
  await devnet.close();
  const read = () => JSON.parse(readFileSync(stateFile, 'utf8'));
  const saved = read();
  await (await startDevnet({ blockMs: 0, stateFile })).close();
  expect(read()).toEqual(saved);
});

test('devnet_save writes it at once', async () => {
  const { devnet } = await openDevnet({ stateFile });
  await rpc(devnet.url, 'devnet_save');
  expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toMatchObject({
    format: 'chronos-devnet-state/1',
    chainId: 31_337,
  });
  await devnet.close();
});

test('what was given at the beginning is there, in Qa, by either form of address', async () => {
  const { account, devnet: other } = await openDevnet();
  await other.close();
  const fund = { [account.address]: FUNDS, zil1504065pp76uuxm7s9m2c4gwszhez8pu3mp6r8c: 5n };
  const devnet = await startDevnet({ blockMs: 0, fund });
  expect((await rpc(devnet.url, 'GetBalance', account.address)).result.balance).toBe(FUNDS.toString());
  expect((await rpc(devnet.url, 'GetBalance', 'zil1504065pp76uuxm7s9m2c4gwszhez8pu3mp6r8c')).result.balance).toBe('5');
  await devnet.close();
  await expect(startDevnet({ fund: { nobody: 1n } })).rejects.toThrow('Not an address');
});

test('a state of another chain, or of nothing, is refused and left as it is', async () => {
  const { devnet } = await openDevnet({ stateFile });
  await devnet.close();
  await expect(startDevnet({ stateFile, chainId: 7 })).rejects.toThrow('is of chain 31337, not of 7');
  writeFileSync(stateFile, '{"hello":1}');
  await expect(startDevnet({ stateFile })).rejects.toThrow('is not a state of chronos-devnet');
  writeFileSync(stateFile, '{');
  await expect(startDevnet({ stateFile })).rejects.toThrow('is not a state of chronos-devnet');
  expect(readFileSync(stateFile, 'utf8')).toBe('{');
});

test('a chain id that no version field can hold is refused', async () => {
  await expect(startDevnet({ chainId: 65_536 })).rejects.toThrow('1 to 65535');
});
