import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CHAIN } from '../../test-support/anchoring-bench.js';
import { type Anvil, startAnvil } from '../../test-support/anvil.js';
import { openRig, type Rig } from '../../test-support/chain-rig.js';
import { haltedAt, HTML, rewriting, type Rule, well } from '../../test-support/fault-proxy.js';

// Two endpoints, of which one is not what it should be. What is final for one is final when the other says so too.

jest.setTimeout(60_000);

let anvil: Anvil;
let rig: Rig;
beforeAll(async () => {
  anvil = await startAnvil();
});
beforeEach(async () => {
  rig = await openRig(anvil, { endpoints: 2 });
});
afterEach(async () => {
  await rig.stop();
  rig.dispose();
});
afterAll(() => anvil.stop());

const second = () => rig.proxies[1]!;
const height = async () => Number(await anvil.rpc('eth_blockNumber'));

describe('one that is away all the time is passed over, and told of once:', () => {
  test.each<[string, Rule, string]>([
    ['it refuses connections', () => 'refuse', 'no_answer'],
    ['it talks HTML', () => HTML, 'http_error'],
    [
      'it serves another chain since',
      ({ method }) => (method === 'eth_chainId' ? { result: '0x1' } : undefined),
      'wrong_chain',
    ],
  ])('%s', async (_name, rule, kind) => {
    rig.start();
    await rig.pass();
    // A fault first: what comes back is asked for its chain again.
    second().rule = () => HTML;
    const windows: number[] = [];
    for (let count = 0; count < 5; count++) {
      windows.push(...rig.closeWindows(1));
      await rig.untilFinal(windows);
      await rig.pass(20_000);
      second().rule = rule;
    }
    await rig.expectExactlyOnce(windows, 5);
    expect(rig.told()).toEqual(['an endpoint gives no answer']);
    expect(rig.events).toContainEqual(
      expect.objectContaining({ event: 'endpoint_fault', endpoint: second().url, kind }),
    );
    expect(rig.anchorer.state()).toMatchObject({ state: 'ok', endpoints: [{ state: 'ok' }, { state: 'faulty' }] });
  });

  test('and when it is back for good, that is told', async () => {
    second().rule = () => 'refuse';
    rig.start();
    const windows = rig.closeWindows(1);
    await rig.untilFinal(windows);
    second().rule = well;
    for (let minute = 0; minute < 5; minute++) await rig.pass(61_000);
    expect(rig.told()).toEqual(['an endpoint gives no answer', 'an endpoint answers again']);
    await rig.expectExactlyOnce(windows, 1);
  });
});

test('one lags by a few blocks: nothing is final before it has them, and nobody is alarmed', async () => {
  rig.start();
  await rig.pass();
  second().rule = haltedAt(await height(), anvil.url);
  const windows = rig.closeWindows(1);
  for (let second = 0; second < 10; second++) await rig.pass();
  expect(rig.final).toEqual([]);
  expect(rig.anchors.findUnfinishedAttempts(CHAIN)).toMatchObject([{ state: 'included' }]);
  second().rule = well;
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told()).toEqual([]);
});

test('one has halted and goes on answering: it is named, and nothing is final before it is mended', async () => {
  rig.start();
  await rig.pass();
  const haltedHeight = await height();
  second().rule = haltedAt(haltedHeight, anvil.url);
  const windows = rig.closeWindows(1);
  await rig.pass();
  await rig.pass(60_000, { blocks: 200 });
  await rig.pass();
  expect(rig.told()).toEqual(['an endpoint lags behind the others']);
  const behind = `its last final block is ${haltedHeight - 2}, 201 behind the others`;
  expect(rig.anchorer.state()).toMatchObject({
    state: 'waiting',
    detail: expect.stringContaining(
      `the endpoint ${second().url} lags: ${behind}: nothing is final before it has caught up`,
    ),
    endpoints: [{ state: 'ok' }, { endpoint: second().url, state: 'behind', detail: behind }],
  });
  expect(rig.final).toEqual([]);
  second().rule = well;
  await rig.untilFinal(windows);
  await rig.pass(61_000);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told()).toEqual(['an endpoint lags behind the others', 'an endpoint has caught up']);
  expect(rig.anchorer.state()).toMatchObject({ state: 'ok' });
});

describe('the two contradict each other:', () => {
  test.each<[string, Rule]>([
    ['on the success', rewriting('eth_getTransactionReceipt', (receipt: object) => ({ ...receipt, status: '0x0' }))],
    [
      'on the block, for one is on a fork',
      async (call, ask) => {
        const forked = { hash: `0x${'f0'.repeat(32)}`, blockHash: `0x${'f0'.repeat(32)}` };
        if (!/Receipt|getBlock/.test(call.method)) return undefined;
        const { result } = await ask();
        return { result: result === null ? null : { ...(result as object), ...forked } };
      },
    ],
  ])('%s: nothing is taken for true before they agree', async (_name, rule) => {
    second().rule = rule;
    rig.start();
    const windows = rig.closeWindows(2);
    for (let minute = 0; minute < 10; minute++) await rig.pass(60_000, { blocks: 2 });
    expect(rig.final).toEqual([]);
    expect(rig.anchorer.state()).toMatchObject({
      state: 'unreachable',
      detail: expect.stringContaining('the endpoints disagree on transaction 0x'),
    });
    expect(rig.told()).toEqual(['the endpoints contradict each other', 'anchoring does not go on']);
    expect(rig.events.filter(({ event }) => event === 'endpoints_disagree').length).toBeGreaterThan(5);
    second().rule = well;
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
    expect(rig.told().at(-1)).toBe('anchoring goes on');
  });

  test.each([
    ['fewer nonces used', '0x0', ['anchoring does not go on', 'anchoring goes on']],
    ['more nonces used', '0x99', []],
  ])('one has %s: no nonce is used twice and none is left out', async (_name, nonce, told) => {
    rig.start();
    const windows = rig.closeWindows(1);
    await rig.untilFinal(windows);
    second().rule = rewriting('eth_getTransactionCount', () => nonce);
    windows.push(...rig.closeWindows(1));
    for (let look = 0; look < 5; look++) await rig.pass(20_000);
    second().rule = well;
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 2);
    expect(rig.told()).toEqual(told);
  });
});
