import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ChronosError } from '@chronos/shared';
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { WindowWaits } from './window-waits.js';

interface HeldCall {
  id: number;
  seconds: number;
  signal: AbortSignal;
  answer: (isFinal: boolean) => void;
  fail: (error: Error) => void;
}

function setUp({ maxWaiters = 10, maxWaitersPerClient = 10, maxWindows = 10 } = {}) {
  const calls: HeldCall[] = [];
  const clock = { now: 0, nowMs: () => 0, monotonicMs: () => clock.now };
  const waits = new WindowWaits({
    anchord: {
      waitForWindow: (id, seconds, signal) =>
        new Promise((resolve, reject) => {
          calls.push({ id, seconds, signal, answer: resolve, fail: reject });
        }),
    },
    clock,
    logger: pino({ level: 'silent' }),
    ...{ maxWaiters, maxWaitersPerClient },
    maxWindows,
  });
  return { calls, clock, waits };
}

const client = (address = '192.0.2.1', destroyed = false) => ({
  res: Object.assign(new EventEmitter(), { destroyed }) as unknown as ServerResponse,
  client: address,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('waiting for a window', () => {
  test('is one held call however many wait, and lets all go when the window is final', async () => {
    const { calls, waits } = setUp();
    const released = Promise.all([5, 60, 20].map((seconds) => waits.wait(30, seconds * 1000, client())));
    expect(calls).toHaveLength(1);
    calls[0]!.answer(true);
    expect(await released).toEqual(['final', 'final', 'final']);
    expect(calls).toHaveLength(1);
  });

  test('asks again when the time of a call is over and somebody waits longer', async () => {
    const { calls, clock, waits } = setUp();
    const short = waits.wait(30, 5_000, client());
    const long = waits.wait(30, 60_000, client());
    expect(calls[0]!.seconds).toBe(5);
    clock.now = 5_000;
    calls[0]!.answer(false);
    await turn();
    expect(calls[1]!.seconds).toBe(55);
    calls[1]!.answer(true);
    expect(await Promise.all([short, long])).toEqual(['final', 'final']);
  });

  test('ends for each client when its own time is up, and with the last one ends the held call', async () => {
    const { calls, waits } = setUp();
    const leaving = client();
    const short = waits.wait(30, 1, client());
    const long = waits.wait(30, 60_000, leaving);
    expect(await short).toBe('time-up');
    expect(calls[0]!.signal.aborted).toBe(false);
    leaving.res.emit('close');
    expect(await long).toBe('gone');
    expect(calls[0]!.signal.aborted).toBe(true);
  });

  test('frees the slot of a client that goes away', async () => {
    const { waits } = setUp({ maxWaiters: 1 });
    const first = client();
    const gone = waits.wait(30, 60_000, first);
    expect(await waits.wait(30, 60_000, client())).toBe('as-it-stands');
    first.res.emit('close');
    expect(await gone).toBe('gone');
    const next = waits.wait(30, 60_000, client());
    waits.close();
    expect(await next).toBe('as-it-stands');
  });

  test('has room for a bounded number of one client, and for others beside it', async () => {
    const { calls, waits } = setUp({ maxWaitersPerClient: 1 });
    const first = client();
    const gone = waits.wait(30, 60_000, first);
    expect(await waits.wait(30, 60_000, client())).toBe('as-it-stands');
    const other = waits.wait(30, 60_000, client('192.0.2.2'));
    first.res.emit('close');
    expect(await gone).toBe('gone');
    const again = waits.wait(30, 60_000, client());
    calls[0]!.answer(true);
    expect(await Promise.all([other, again])).toEqual(['final', 'final']);
  });

  test('watches a bounded number of windows', async () => {
    const { calls, waits } = setUp({ maxWindows: 1 });
    const first = waits.wait(30, 60_000, client());
    expect(await waits.wait(60, 60_000, client())).toBe('as-it-stands');
    calls[0]!.answer(true);
    expect(await first).toBe('final');
    const second = waits.wait(60, 60_000, client());
    calls[1]!.answer(true);
    expect(await second).toBe('final');
  });

  test('lets all go as it stands when the call fails', async () => {
    const { calls, waits } = setUp();
    const released = Promise.all([waits.wait(30, 60_000, client()), waits.wait(30, 60_000, client())]);
    calls[0]!.fail(new ChronosError('backend_unavailable', 'gone'));
    expect(await released).toEqual(['as-it-stands', 'as-it-stands']);
  });

  test('does not spin when held calls are let go early', async () => {
    const { calls, waits } = setUp();
    const released = waits.wait(30, 60_000, client());
    calls[0]!.answer(false);
    expect(await released).toBe('as-it-stands');
    expect(calls).toHaveLength(1);
  });

  test('is over for all when the proxy closes, and for whoever comes later', async () => {
    const { calls, waits } = setUp();
    const released = waits.wait(30, 60_000, client());
    waits.close();
    expect(await released).toBe('as-it-stands');
    expect(calls[0]!.signal.aborted).toBe(true);
    expect(await waits.wait(30, 60_000, client())).toBe('as-it-stands');
  });

  test('does not begin for a client that is gone already', async () => {
    const { calls, waits } = setUp();
    expect(await waits.wait(30, 60_000, client('192.0.2.1', true))).toBe('gone');
    expect(calls).toHaveLength(0);
  });
});
