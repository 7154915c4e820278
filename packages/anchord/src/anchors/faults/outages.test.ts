import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Anvil, startAnvil } from '../../test-support/anvil.js';
import { openRig, type Rig } from '../../test-support/chain-rig.js';
import { type Fault, HTML, well } from '../../test-support/fault-proxy.js';

// The one endpoint gives no answers for a while. In the end each root is on the chain once, paid for once, and every window final.

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

const OUTAGE = ['an endpoint gives no answer', 'anchoring does not go on', 'anchoring goes on'];

test('down when anchord starts: windows wait, and go out when it is up', async () => {
  rig.proxy.rule = () => 'refuse';
  rig.start();
  const windows = rig.closeWindows(2);
  await rig.pass();
  expect(rig.anchorer.state()).toMatchObject({
    ...{ state: 'unreachable', unanchored: 2 },
    endpoints: [{ endpoint: rig.proxy.url, state: 'faulty', detail: expect.stringContaining('cannot be reached') }],
  });
  rig.proxy.rule = well;
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
  expect(rig.told()).toEqual(OUTAGE);
  expect(rig.anchorer.state()).toMatchObject({ state: 'ok', endpoints: [{ state: 'ok' }] });
});

test('down for an hour of windows: a handful of calls a minute and of lines, and then two transactions', async () => {
  rig.start();
  await rig.pass();
  rig.proxy.rule = () => 'refuse';
  const calls = rig.proxy.calls.length;
  const windows: number[] = [];
  // Sixty minutes of windows of 10 s.
  for (let window = 0; window < 360; window++) {
    windows.push(...rig.closeWindows(1));
    await rig.pass(10_000, { blocks: 0 });
  }
  const lines = rig.lines.length;
  expect(lines).toBeLessThan(12);
  expect(rig.proxy.calls.length - calls).toBeLessThan(400);
  expect(rig.anchorer.state()).toMatchObject({ state: 'unreachable', unanchored: 360 });
  const faults = rig.events.filter(({ event }) => event === 'endpoint_fault');
  expect(faults.length).toBeGreaterThan(100);

  rig.proxy.rule = well;
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 2);
  const sizes = rig.events.flatMap((event) => (event.event === 'signed' ? [event.windows] : []));
  expect(sizes).toEqual([256, 104]);
  const inOrder = rig.lines.filter(({ msg }) => msg === 'an anchor is final').map(({ windows: count }) => count);
  expect(inOrder).toEqual([256, 104]);
  expect([...new Set(rig.told())]).toEqual(OUTAGE);
});

describe('at each kind of call in turn, for a while, it', () => {
  // A moment is enough for what answers wrongly; what does not answer at all is given up after the time-out.
  const METHODS = ['eth_estimateGas', 'eth_gasPrice', 'eth_sendRawTransaction', 'eth_getTransactionReceipt'];
  const faults: [string, Fault, { kind: string; detail: RegExp; timeoutMs?: number }][] = [
    ['hangs', 'hang', { kind: 'no_answer', detail: /gave no answer within 700 ms/, timeoutMs: 700 }],
    ['answers HTML with status 200', { text: '<html></html>' }, { kind: 'malformed', detail: /is not JSON/ }],
    ['answers HTML with status 502', HTML, { kind: 'http_error', detail: /HTTP 502/ }],
    ['breaks off in the midst of an answer', 'cut', { kind: 'no_answer', detail: /broke its answer off/ }],
    ['answers half a JSON', { text: '{"jsonrpc":"2.0","id":1,"resu' }, { kind: 'malformed', detail: /is not JSON/ }],
    ['answers a result of another shape', { result: { no: 1 } }, { kind: 'malformed', detail: /unexpected shape/ }],
    ['fails inside', { error: { code: -32603, message: 'internal error' } }, { kind: 'node_failed', detail: /-32603/ }],
  ];
  test.each(faults)('%s', async (_name, fault, { kind, detail, timeoutMs }) => {
    let faulty: string | undefined;
    rig.proxy.rule = ({ method }) => (method === faulty ? fault : undefined);
    rig.start(timeoutMs === undefined ? {} : { timeoutMs });
    const windows: number[] = [];
    for (faulty of METHODS) {
      windows.push(...rig.closeWindows(1));
      const before = rig.events.length;
      const isTold = () => rig.events.slice(before).some(({ event }) => event === 'trouble_begins');
      await rig.until(isTold, `trouble with ${faulty}`);
      faulty = undefined;
      await rig.untilFinal(windows);
    }
    await rig.expectExactlyOnce(windows, METHODS.length);
    const [first] = rig.events.filter(({ event }) => event === 'endpoint_fault');
    expect(first).toMatchObject({ endpoint: rig.proxy.url, kind, detail: expect.stringMatching(detail) });
    expect(rig.told().slice(0, 3)).toEqual(OUTAGE);
  });
});

test.each<[string, Fault]>([
  ['and its answer is lost', 'cut'],
  ['and it says 502', HTML],
])('the transaction is taken %s: it is neither lost nor paid for twice', async (_name, fault) => {
  let sent = 0;
  rig.proxy.rule = async ({ method }, ask) => {
    if (method !== 'eth_sendRawTransaction' || sent++ > 0) return undefined;
    await ask();
    return fault;
  };
  rig.start();
  const windows = rig.closeWindows(3);
  await rig.untilFinal(windows);
  await rig.expectExactlyOnce(windows, 1);
  expect(sent).toBeGreaterThan(0);
});

describe('it limits the rate', () => {
  test.each([429, 503])('with HTTP %i and Retry-After: it is left alone for that long', async (status) => {
    rig.proxy.rule = () => ({ status, text: '', headers: { 'retry-after': '90' } });
    rig.start();
    const windows = rig.closeWindows(1);
    await rig.pass();
    const calls = rig.proxy.calls.length;
    for (let times = 0; times < 4; times++) await rig.pass(20_000);
    expect(rig.proxy.calls).toHaveLength(calls);
    expect(rig.anchorer.state().detail).toMatch(/it asked to be left alone for \d+ s more/);
    rig.proxy.rule = well;
    await rig.pass(20_000);
    await rig.untilFinal(windows);
    await rig.expectExactlyOnce(windows, 1);
    expect(rig.told()).toEqual(OUTAGE);
  });

  test('with an error in JSON, at every second call: it goes on, and one line tells of it', async () => {
    let call = 0;
    const limited: Fault = { error: { code: -32000, message: 'RPC_RATE_LIMIT' } };
    rig.proxy.rule = () => (call++ % 12 === 11 ? limited : undefined);
    rig.start();
    const windows: number[] = [];
    for (let count = 0; count < 5; count++) {
      windows.push(...rig.closeWindows(1));
      await rig.untilFinal(windows);
    }
    await rig.expectExactlyOnce(windows, 5);
    const kinds = rig.events.flatMap((event) => (event.event === 'endpoint_fault' ? [event.kind] : []));
    expect(kinds.length).toBeGreaterThan(3);
    expect(new Set(kinds)).toEqual(new Set(['rate_limited']));
    expect(rig.told().filter((message) => message === 'an endpoint gives no answer')).toHaveLength(1);
  });
});
