import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../clock.js';
import { type Bench, CHAIN, newWallet, openBench } from '../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../test-support/anvil.js';
import { nextRoot, signAnchors } from '../test-support/evm-anchors.js';
import { MAX_GAS_PRICE_QA, type NativeBench, NATIVE_CHAIN, openNativeBench } from '../test-support/native-bench.js';
import { openEvmOwnership } from './evm-ownership.js';
import { acceptOwnership, NOBODY, type OwnedContract, transferOwnership } from './ownership.js';
import { openScillaOwnership } from './scilla-ownership.js';
import type { ScillaWallet } from './scilla-wallet.js';
import type { WaitOptions } from './wait-until-final.js';
import type { Wallet } from './wallet.js';

jest.setTimeout(60_000);

/** The contract as three accounts see it: its owner, and two others with money. */
interface Side {
  owner: OwnedContract;
  other: OwnedContract;
  third: OwnedContract;
  /** Each wait makes a block. */
  wait: WaitOptions;
  makeBlock(): Promise<void>;
  /** How many transactions the three have sent. */
  sent(): Promise<number>;
  /** At an address where no contract is. */
  astray: OwnedContract;
}

let anvil: Anvil;
let bench: Bench;
let native: NativeBench;
const opened: OwnedContract[] = [];
const sides: Partial<Record<string, Side>> = {};

function evm(wallet: Wallet, contract = bench.contract): OwnedContract {
  const common = { rpcUrls: [anvil.url], chain: CHAIN, maxFeeGwei: 1000, clock: systemClock };
  opened.push(openEvmOwnership({ ...common, contract, wallet }));
  return opened.at(-1)!;
}

function scilla(wallet: ScillaWallet, contract = native.contract): OwnedContract {
  const common = { rpcUrls: [native.devnet.url], chain: NATIVE_CHAIN, maxGasPriceQa: MAX_GAS_PRICE_QA };
  opened.push(openScillaOwnership({ ...common, contract, wallet, clock: systemClock }));
  return opened.at(-1)!;
}

async function openEvmSide(): Promise<Side> {
  const wallets = [bench.wallet, await newWallet(bench.folder, anvil), await newWallet(bench.folder, anvil)] as const;
  const [owner, other, third] = wallets.map((wallet) => evm(wallet));
  return {
    ...{ owner: owner!, other: other!, third: third!, astray: evm(bench.wallet, `0x${'ab'.repeat(20)}`) },
    wait: { clock: { ...systemClock, sleep: () => anvil.mine() } },
    makeBlock: () => anvil.mine(),
    async sent() {
      const counts = wallets.map(({ address }) => anvil.rpc('eth_getTransactionCount', address, 'pending'));
      return (await Promise.all(counts)).reduce<number>((sum, count) => sum + Number(count), 0);
    },
  };
}

async function openNativeSide(): Promise<Side> {
  const wallets = [native.wallet, await native.newWallet(), await native.newWallet()] as const;
  const [owner, other, third] = wallets.map((wallet) => scilla(wallet));
  return {
    ...{ owner: owner!, other: other!, third: third!, astray: scilla(native.wallet, `0x${'ab'.repeat(20)}`) },
    wait: { clock: { ...systemClock, sleep: async () => void native.devnet.mine() } },
    makeBlock: async () => void native.devnet.mine(),
    async sent() {
      native.devnet.mine(3);
      const nonces = wallets.map(({ address }) => native.rpc<{ nonce: number }>('GetBalance', address.slice(2)));
      return (await Promise.all(nonces)).reduce((sum, { nonce }) => sum + nonce, 0);
    },
  };
}

beforeAll(async () => {
  anvil = await startAnvil();
  bench = await openBench(anvil);
  native = await openNativeBench();
  sides['the EVM'] = await openEvmSide();
  sides['the native side'] = await openNativeSide();
});
afterAll(async () => {
  for (const contract of opened) contract.close();
  await native.dispose();
  bench.dispose();
  await anvil.stop();
});

describe.each(['the EVM', 'the native side'])('on %s', (name) => {
  const side = () => sides[name]!;
  /** What is refused is refused before anything is sent. */
  async function refused(change: () => Promise<unknown>, message: string): Promise<void> {
    const before = await side().sent();
    await expect(change()).rejects.toThrow(message);
    expect(await side().sent()).toBe(before);
  }

  test('an account that does not own the contract cannot offer it, and is told who does', async () => {
    const { owner, other, third, wait } = side();
    const message = `${other.show(other.account)} does not own the contract ${owner.contract}: its owner is ${owner.show(owner.account)}`;
    await refused(() => transferOwnership(other, third.account, wait), message);
  });

  test('nobody takes what was not offered, and is told who offers it and how', async () => {
    const { owner, other, wait } = side();
    const message = `is offered to nobody, not to ${other.show(other.account)}: its owner ${owner.show(owner.account)} offers it with "anchord transfer-ownership ${other.show(other.account)}"`;
    await refused(() => acceptOwnership(other, wait), message);
    await refused(() => acceptOwnership(owner, wait), 'owns the contract');
  });

  test('there is no contract', async () => {
    const { astray, other, wait } = side();
    await refused(() => transferOwnership(astray, other.account, wait), 'does not exist on');
    await refused(() => acceptOwnership(astray, wait), 'does not exist on');
  });

  test('an offer changes no owner; it can be withdrawn, and made again to another', async () => {
    const { owner, other, third, wait } = side();
    const { account, contract } = owner;
    await refused(() => transferOwnership(owner, account, wait), 'owns the contract');
    await refused(() => transferOwnership(owner, NOBODY, wait), 'there is nothing to withdraw');
    const offered = await transferOwnership(owner, third.account, wait);
    expect(offered).toMatchObject({ contract, owner: account, pendingOwner: third.account });
    expect(await owner.readOwners()).toEqual({ owner: account, pendingOwner: third.account });
    // By the time it is told, it is final.
    expect(await owner.findTransaction(offered.transactionId)).toMatchObject({
      ...{ state: 'included', final: true, succeeded: true },
      block: { number: offered.blockNumber },
    });
    await refused(() => transferOwnership(owner, third.account, wait), 'is offered to');
    await refused(() => acceptOwnership(other, wait), `offered to ${third.show(third.account)}, not to`);
    expect(await transferOwnership(owner, NOBODY, wait)).toMatchObject({ owner: account, pendingOwner: NOBODY });
    await refused(() => acceptOwnership(third, wait), 'is offered to nobody');
  });

  test('the account that it was offered to takes it, and the old owner has it no more', async () => {
    const { owner, other, third, wait } = side();
    await transferOwnership(owner, other.account, wait);
    expect(await acceptOwnership(other, wait)).toMatchObject({ owner: other.account, pendingOwner: NOBODY });
    expect(await owner.readOwners()).toEqual({ owner: other.account, pendingOwner: NOBODY });
    await refused(() => acceptOwnership(other, wait), 'owns the contract');
    await refused(() => transferOwnership(owner, third.account, wait), 'does not own the contract');
    // And back, for the tests below.
    await transferOwnership(other, owner.account, wait);
    await acceptOwnership(owner, wait);
  });

  test('what did not become final in time is told by its id, and with what it would do', async () => {
    const { owner, third, wait, makeBlock } = side();
    const offering = transferOwnership(owner, third.account, {
      ...{ finalWithinMs: 200, pollMs: 20 },
      clock: systemClock, // no blocks meanwhile
    });
    await expect(offering).rejects.toMatchObject({
      code: 'chain_unreachable',
      message: expect.stringMatching(
        /^transaction \w{64,66} is not final yet; if it becomes so, the contract is offered/,
      ),
    });
    for (let block = 0; block < 4; block++) await makeBlock();
    expect(await owner.readOwners()).toMatchObject({ pendingOwner: third.account });
    await transferOwnership(owner, NOBODY, wait);
  });
});

describe('while anchord uses the same key', () => {
  test('nothing is sent as long as an anchor is not final: it is told to pause', async () => {
    const { owner, other, wait } = sides['the EVM']!;
    const nonce = await bench.chain.finalNonce();
    const { signedBytes } = await signAnchors(bench.chain, [nextRoot(bench)], { nonce });
    await bench.chain.broadcast(signedBytes);
    const offer = () => transferOwnership(owner, other.account, wait);
    await expect(offer()).rejects.toThrow('1 of the transactions of');
    await anvil.mine(); // in a block, which is not final
    await expect(offer()).rejects.toThrow(
      '"anchord admin pause" it, wait until "anchord admin status" shows nothing pending',
    );
    expect(await bench.chain.finalNonce()).toBe(nonce);
    await anvil.mine(2);
    await offer();
    await transferOwnership(owner, NOBODY, wait);
  });

  test('an anchor that takes the nonce first: the offer is given up, told so, and can be made anew', async () => {
    const { owner, other, wait } = sides['the EVM']!;
    const raced: OwnedContract = {
      ...owner,
      async sign(call) {
        const signed = await owner.sign(call);
        const nonce = await bench.chain.finalNonce();
        const anchor = await signAnchors(bench.chain, [nextRoot(bench)], { nonce });
        await bench.chain.broadcast(anchor.signedBytes);
        await anvil.mine();
        return signed;
      },
    };
    await expect(transferOwnership(raced, other.account, wait)).rejects.toThrow(
      /^another transaction of the account has taken nonce \d+, and the offer can no longer happen: if anchord runs/,
    );
    expect(await owner.readOwners()).toMatchObject({ pendingOwner: NOBODY });
    expect(await transferOwnership(owner, other.account, wait)).toMatchObject({ pendingOwner: other.account });
  });
});
