import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openEvmOwnership } from '../../chain/evm-ownership.js';
import { acceptOwnership, type OwnedContract, transferOwnership } from '../../chain/ownership.js';
import type { Wallet } from '../../chain/wallet.js';
import { systemClock } from '../../clock.js';
import type { Attempt } from '../../store/anchors.js';
import { CHAIN, deploy, newWallet, TIMING } from '../../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../../test-support/anvil.js';
import { openRig, type Rig } from '../../test-support/chain-rig.js';

// The operator changes the wallet's key while a transaction of the old one is on its way: within the contract, or with a new contract because the
// old key leaked.

jest.setTimeout(60_000);

let anvil: Anvil;
let rig: Rig;
let wallet: Wallet;
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  rig = await openRig(anvil);
  wallet = await newWallet(rig.folder, anvil);
});
afterEach(async () => {
  await rig.stop();
  rig.dispose();
});
afterAll(() => anvil.stop());

const wait = { clock: { ...systemClock, sleep: () => anvil.mine() } };
const drop = ({ transactionId }: Attempt) => anvil.rpc('anvil_dropTransaction', transactionId);
const send = ({ signedBytes }: Attempt) =>
  anvil.rpc('eth_sendRawTransaction', `0x${Buffer.from(signedBytes).toString('hex')}`);
const failures = () => rig.events.flatMap((event) => (event.event === 'failed' ? [event.cause] : []));
const contractsOf = (windows: readonly number[]) =>
  windows.map((window) => rig.anchors.findAnchors(window).map(({ contract }) => contract));

async function asOwner<T>(of: Wallet, change: (contract: OwnedContract) => Promise<T>): Promise<T> {
  const common = { rpcUrls: [anvil.url], chain: CHAIN, maxFeeGwei: 1000, clock: systemClock };
  const contract = openEvmOwnership({ ...common, contract: rig.contract, wallet: of });
  return change(contract).finally(() => {
    contract.close();
  });
}

/** Windows that the old key's transaction carries, which stands in the pool when anchord stops. */
async function stopWhilePending(): Promise<{ windows: number[]; attempt: Attempt }> {
  const windows = rig.closeWindows(2);
  await rig.pass(1, { blocks: 0 });
  await rig.stop();
  const [attempt] = rig.anchors.findUnfinishedAttempts(CHAIN);
  expect(attempt).toMatchObject({ state: 'broadcast', account: rig.wallet.address });
  return { windows, attempt: attempt! };
}

describe('the contract goes to a new key:', () => {
  /** As docs/operations.md says it: offered while nothing is on its way, accepted, then anchord starts with the new key. */
  async function change(whilePending: (attempt: Attempt) => Promise<unknown>): Promise<number[]> {
    rig.start();
    const before = rig.closeWindows(1);
    await rig.untilFinal(before);
    await asOwner(rig.wallet, (contract) => transferOwnership(contract, wallet.address.toLowerCase(), wait));
    const { windows, attempt } = await stopWhilePending();
    await whilePending(attempt);
    rig.start({ wallet });
    return [...before, ...windows, ...rig.closeWindows(1)];
  }
  const accept = () => asOwner(wallet, (contract) => acceptOwnership(contract, wait));

  test('the old key’s transaction is in a block before it: it is followed to its end', async () => {
    const windows = await change(async () => {
      await anvil.mine();
      await accept();
    });
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 3);
    expect(failures()).toEqual([]);
  });

  test('the old key’s transaction comes after it and is refused: its windows go with the new key’s', async () => {
    const windows = await change(async (attempt) => {
      await drop(attempt);
      await accept();
      await send(attempt);
      await anvil.mine();
    });
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 3);
    expect(failures()).toEqual(['reverted']);
  });

  test('the old key’s transaction never comes: it is given up after a while, and told so', async () => {
    const startedMs = rig.clock.nowMs();
    const windows = await change(async (attempt) => {
      await drop(attempt);
      await accept();
    });
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 2);
    expect(failures()).toEqual(['key_changed']);
    expect(rig.clock.nowMs() - startedMs).toBeGreaterThanOrEqual(TIMING.stuckAfterMs);
  });

  test('anchord starts with the new key too early: it says who is not the owner, and goes on by itself once it is', async () => {
    const windows = await change(() => anvil.mine());
    for (let minute = 0; minute < 2; minute++) await rig.pass(60_000);
    expect(rig.anchorer.state()).toMatchObject({
      state: 'stopped',
      detail: expect.stringContaining(`${wallet.address} does not own ${rig.contract}`),
    });
    await accept();
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 3);
  });
});

describe('the old key leaked, and a new contract takes over:', () => {
  let next: string;
  beforeEach(async () => {
    next = (await deploy(anvil, wallet)).address.toLowerCase();
  });
  async function change(whilePending: (attempt: Attempt) => Promise<unknown>): Promise<[number[], number[], number[]]> {
    rig.start();
    const before = rig.closeWindows(1);
    await rig.untilFinal(before);
    const { windows, attempt } = await stopWhilePending();
    await whilePending(attempt);
    rig.start({ wallet, contract: next });
    return [before, windows, rig.closeWindows(2)];
  }

  test('what the old key had in a block stays where it is, and its proofs name the old contract', async () => {
    const [before, pending, after] = await change(() => anvil.mine());
    await rig.untilFinal([...before, ...pending, ...after]);
    expect(await rig.anchoredWindows([...before, ...pending])).toEqual([...before, ...pending]);
    expect(await rig.anchoredWindows(after, next)).toEqual(after);
    expect(contractsOf([...before, ...pending])).toEqual([...before, ...pending].map(() => [rig.contract]));
    expect(contractsOf(after)).toEqual(after.map(() => [next]));
    expect(rig.anchors.findUnfinishedAttempts(CHAIN)).toEqual([]);
  });

  test('what never got into a block goes to the new contract, oldest first', async () => {
    const [before, pending, after] = await change(drop);
    await rig.untilFinal([...before, ...pending, ...after]);
    expect(await rig.anchoredWindows(before)).toEqual(before);
    expect(await rig.anchoredWindows([...pending, ...after], next)).toEqual([...pending, ...after]);
    expect(failures()).toEqual(['key_changed']);
    expect(contractsOf([...pending, ...after])).toEqual([...pending, ...after].map(() => [next]));
  });

  test('a transaction that was given up comes all the same: once in each contract, and the proof stays as it was', async () => {
    let given!: Attempt;
    const [before, pending, after] = await change((attempt) => drop((given = attempt)));
    const all = [...before, ...pending, ...after];
    await rig.untilFinal(all);
    const proven = all.map((window) => rig.anchors.findAnchors(window));
    await send(given);
    const later = rig.closeWindows(1);
    await rig.untilFinal(later);
    expect(await rig.anchoredWindows([...before, ...pending])).toEqual([...before, ...pending]);
    expect(await rig.anchoredWindows([...pending, ...after, ...later], next)).toEqual([...pending, ...after, ...later]);
    expect(all.map((window) => rig.anchors.findAnchors(window))).toEqual(proven);
  });

  test('a new contract of the same key: what is stuck for the old one is replaced by one for the new', async () => {
    rig.start();
    const { address } = await deploy(anvil, rig.wallet);
    const own = address.toLowerCase();
    const { windows, attempt } = await stopWhilePending();
    await drop(attempt);
    // Pools that dropped it do not take it again for its fee: only a dearer one gets in.
    await anvil.rpc('anvil_setNextBlockBaseFeePerGas', `0x${(10n ** 11n).toString(16)}`);
    await anvil.mine();
    rig.start({ contract: own });
    await rig.untilFinal(windows);
    expect(await rig.anchoredWindows(windows)).toEqual([]);
    expect(await rig.anchoredWindows(windows, own)).toEqual(windows);
    expect(contractsOf(windows)).toEqual(windows.map(() => [own]));
  });
});
