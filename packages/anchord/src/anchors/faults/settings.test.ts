import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { newWallet, setBalance } from '../../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../../test-support/anvil.js';
import { openRig, type Rig } from '../../test-support/chain-rig.js';

// What the operator has to mend: money, keys, addresses. Nothing is paid for in vain, and all goes on when it is mended.

jest.setTimeout(60_000);

let anvil: Anvil;
let rig: Rig;
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  rig = await openRig(anvil);
});
afterEach(async () => {
  await rig.stop();
  rig.dispose();
});
afterAll(() => anvil.stop());

const WAITED = ['anchoring does not go on', 'anchoring goes on'];
const troubles = () => rig.lines.filter(({ event }) => event === 'trouble_begins');

test('the wallet is empty, and filled again: it says who needs money, and goes on', async () => {
  const { address, zilAddress } = rig.wallet;
  await setBalance(anvil, rig.wallet, 1000n);
  rig.start();
  const windows = rig.closeWindows(1);
  for (let minute = 0; minute < 20; minute++) await rig.pass(60_000);
  expect(rig.anchorer.state()).toMatchObject({
    state: 'waiting',
    lastHealth: { balanceZil: '0.000000000000001', anchorsAffordable: 0 },
  });
  expect(troubles()).toMatchObject([{ level: 40, state: 'waiting', cause: 'insufficient_funds' }]);
  expect(troubles()[0]!['detail']).toContain(`${address} (${zilAddress}) holds 0.000000000000001 ZIL`);
  expect(troubles()[0]!['detail']).toContain(`Send ZIL to ${address}`);
  await setBalance(anvil, rig.wallet);
  await rig.untilFinal(windows);
  await rig.pass(61_000);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told().sort()).toEqual([...WAITED, 'the wallet is funded again', 'the wallet runs low'].sort());
});

test('the wallet runs low: it warns before it is empty', async () => {
  const { anchorCost } = await rig.chain.health();
  await setBalance(anvil, rig.wallet, anchorCost * 50n);
  rig.start();
  const windows = rig.closeWindows(1);
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told()).toEqual(['the wallet runs low']);
  expect(rig.lines).toContainEqual(
    expect.objectContaining({ level: 40, event: 'balance_low', anchorsAffordable: 50, threshold: 100 }),
  );
});

test('the key is of another account than the contract’s owner: nothing is sent before the owner’s is given', async () => {
  const other = await newWallet(rig.folder, anvil);
  rig.start({ wallet: other });
  const windows = rig.closeWindows(1);
  for (let minute = 0; minute < 5; minute++) await rig.pass(60_000);
  const detail = `${other.address} does not own ${rig.contract}: hand the contract over to it, or give its owner's key`;
  expect(rig.anchorer.state()).toMatchObject({ state: 'stopped', detail, pendingAttempts: 0 });
  expect(troubles()).toMatchObject([{ cause: 'not_owner', detail }]);
  await rig.stop();
  rig.start();
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
});

test('the endpoint serves another chain: it is named with both chains, and nothing is sent there', async () => {
  const other = await startAnvil({ chainId: 1337 });
  rig.start({ rpcUrls: [other.url] });
  const windows = rig.closeWindows(1);
  for (let minute = 0; minute < 5; minute++) await rig.pass(60_000);
  const detail = `${other.url} serves chain eip155:1337, not eip155:31337`;
  expect(rig.anchorer.state()).toMatchObject({ state: 'stopped', detail });
  expect(troubles()).toMatchObject([{ cause: 'settings', detail }]);
  expect(rig.events).toContainEqual(expect.objectContaining({ event: 'endpoint_fault', kind: 'wrong_chain' }));
  expect(await other.rpc('eth_getTransactionCount', rig.wallet.address, 'pending')).toBe('0x0');
  await rig.stop();
  await other.stop();
  rig.start();
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
});

describe('the contract’s address is wrong:', () => {
  test.each<[string, () => string, RegExp]>([
    [
      'there is nothing',
      () => rig.wallet.address,
      /does not exist on eip155:31337: deploy one with "anchord deploy-contract"/,
    ],
    ['there is another contract', () => `0x${'cc'.repeat(20)}`, /is no ChronosAnchors \(it has no owner\(\)\)/],
  ])('%s', async (_name, address, detail) => {
    // A contract that reverts whatever it is asked.
    await anvil.rpc('anvil_setCode', `0x${'cc'.repeat(20)}`, '0x60006000fd');
    rig.start({ contract: address() });
    const windows = rig.closeWindows(1);
    for (let minute = 0; minute < 5; minute++) await rig.pass(60_000);
    expect(rig.anchorer.state()).toMatchObject({ state: 'stopped', detail: expect.stringMatching(detail) });
    expect(troubles()).toMatchObject([{ cause: 'settings', detail: expect.stringMatching(detail) }]);
    expect(await rig.paid()).toBe(0);
    await rig.stop();
    rig.start();
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
  });
});

test('gas costs more than the limit: nothing is signed until it falls or the limit is raised', async () => {
  rig.start({ maxFeeGwei: 0.001 });
  const windows = rig.closeWindows(2);
  for (let minute = 0; minute < 5; minute++) await rig.pass(60_000);
  const detail = expect.stringMatching(
    /^anchoring is too dear at present: the network asks .*, the limit set is 0\.001 gwei$/,
  );
  expect(rig.anchorer.state()).toMatchObject({ state: 'waiting', detail, pendingAttempts: 0 });
  expect(troubles()).toMatchObject([{ cause: 'fee_above_limit' }]);
  await rig.stop();
  rig.start();
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
});

describe('the chain lost blocks that were final, as a local one does that is killed:', () => {
  /** One anchor more than the chain remembers. */
  async function anchorAndForget(forget: () => Promise<unknown>): Promise<void> {
    await rig.pass();
    const windows = rig.closeWindows(1);
    await rig.untilFinal(windows);
    await forget();
    rig.closeWindows(1);
    for (let minute = 0; minute < 5; minute++) await rig.pass(60_000);
    // Nothing was signed for a chain on which the old anchors are not.
    expect(rig.anchorer.state()).toMatchObject({ pendingAttempts: 0, unanchored: 1 });
  }

  test('a few of them: it says what that means for the proofs', async () => {
    rig.start();
    const snapshot = await anvil.rpc('evm_snapshot');
    await anchorAndForget(() => anvil.rpc('evm_revert', snapshot));
    const detail = expect.stringMatching(
      /lags behind, .* or the chain went back .* proofs made since then no longer hold/,
    );
    expect(rig.anchorer.state()).toMatchObject({ state: 'waiting', detail });
    expect(troubles()).toMatchObject([{ level: 40, cause: 'nonce_behind', detail }]);
  });

  test('all of them: it says that the contract is gone too', async () => {
    rig.start();
    await anchorAndForget(() => anvil.rpc('anvil_reset'));
    expect(rig.anchorer.state()).toMatchObject({ state: 'stopped', detail: expect.stringContaining('does not exist') });
    expect(troubles()).toMatchObject([{ cause: 'nonce_behind' }, { cause: 'settings' }]);
  });
});
