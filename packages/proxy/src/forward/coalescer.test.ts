import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../clock.js';
import { Coalescer, type ShareOf } from './coalescer.js';

/** Digests of 32 times the same byte. */
const digests = (...bytes: number[]) => Buffer.concat(bytes.map((byte) => Buffer.alloc(32, byte)));

interface Call {
  bytes: number[];
  requestIds: readonly string[];
  answer: () => void;
  fail: (error: Error) => void;
}

/** A coalescer whose calls the test answers; a share is the first byte of each of its digests. */
function setUp({ maxPerCall = 4, maxWaiting = 100, maxWaitMs = 60_000 } = {}) {
  const calls: Call[] = [];
  const coalescer = new Coalescer<number[]>({
    maxPerCall,
    maxWaiting,
    maxWaitMs,
    clock: systemClock,
    call: (sent, requestIds) =>
      new Promise<ShareOf<number[]>>((resolve, reject) => {
        const bytes = Array.from({ length: sent.length / 32 }, (_, i) => sent[i * 32]!);
        calls.push({
          bytes,
          requestIds,
          answer: () => {
            resolve((from, count) => bytes.slice(from, from + count));
          },
          fail: reject,
        });
      }),
  });
  const add = (sent: Buffer, requestId = 'a') => coalescer.add(sent, requestId);
  return { calls, add };
}

/** After what this turn of the event loop has set in motion. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a coalescer', () => {
  test('lets callers of the same moment travel as one call, and gives each its own share', async () => {
    const { calls, add } = setUp({ maxPerCall: 10 });
    const shares = [add(digests(1), 'x'), add(digests(2, 3), 'y'), add(digests(4), 'z')];
    await turn();
    expect(calls).toMatchObject([{ bytes: [1, 2, 3, 4], requestIds: ['x', 'y', 'z'] }]);
    calls[0]!.answer();
    expect(await Promise.all(shares)).toEqual([[1], [2, 3], [4]]);
  });

  test('has two calls on the way and gathers the rest for the next, in order', async () => {
    const { calls, add } = setUp({ maxPerCall: 10 });
    const first = add(digests(1));
    await turn();
    const second = add(digests(2));
    await turn();
    const rest = [3, 4, 5].map((byte) => add(digests(byte)));
    await turn();
    expect(calls.map(({ bytes }) => bytes)).toEqual([[1], [2]]);
    calls[1]!.answer();
    expect(await second).toEqual([2]);
    await turn();
    expect(calls.map(({ bytes }) => bytes)).toEqual([[1], [2], [3, 4, 5]]);
    calls[0]!.answer();
    calls[2]!.answer();
    expect(await Promise.all([first, ...rest])).toEqual([[1], [3], [4], [5]]);
  });

  test('sends no more than a call may hold, and spreads nobody over two calls', async () => {
    const { calls, add } = setUp({ maxPerCall: 4 });
    const shares = [digests(1, 2, 3), digests(4, 5), digests(6, 7), digests(8)].map((d) => add(d));
    await turn();
    expect(calls.map(({ bytes }) => bytes)).toEqual([
      [1, 2, 3],
      [4, 5, 6, 7],
    ]);
    calls[0]!.answer();
    await turn();
    expect(calls[2]!.bytes).toEqual([8]);
    for (const { answer } of calls) answer();
    expect(await Promise.all(shares)).toEqual([[1, 2, 3], [4, 5], [6, 7], [8]]);
  });

  test('tells a failure to all who travelled in the call and to nobody else, and tries nothing twice', async () => {
    const { calls, add } = setUp({ maxPerCall: 2 });
    const outcomes = Promise.allSettled([1, 2, 3].map((byte) => add(digests(byte))));
    await turn();
    calls[0]!.fail(new Error('broken'));
    calls[1]!.answer();
    expect(await outcomes).toMatchObject([
      { status: 'rejected', reason: { message: 'broken' } },
      { status: 'rejected', reason: { message: 'broken' } },
      { status: 'fulfilled', value: [3] },
    ]);
    await turn();
    expect(calls).toHaveLength(2);
  });

  test('goes on after failures', async () => {
    const { calls, add } = setUp();
    for (let i = 0; i < 5; i++) {
      const share = add(digests(i));
      await turn();
      calls[i]!.fail(new Error('broken'));
      await expect(share).rejects.toThrow('broken');
    }
    const share = add(digests(9));
    await turn();
    calls[5]!.answer();
    expect(await share).toEqual([9]);
  });

  test('refuses callers when too many digests wait, and takes them again once these have left', async () => {
    const { calls, add } = setUp({ maxPerCall: 2, maxWaiting: 3 });
    const onTheWay = [add(digests(1)), add(digests(2, 2))];
    await turn();
    const waiting = add(digests(3, 3));
    await expect(add(digests(4, 4))).rejects.toMatchObject({
      code: 'overloaded',
      details: { retryAfterSeconds: expect.any(Number) },
    });
    const fits = add(digests(5));
    for (const { answer } of calls) answer();
    await turn();
    const again = add(digests(6, 6));
    calls[2]!.answer();
    calls[3]!.answer();
    await turn();
    calls[4]!.answer();
    expect(await Promise.all([...onTheWay, waiting, fits, again])).toEqual([[1], [2, 2], [3, 3], [5], [6, 6]]);
  });

  test('refuses who has waited too long, while the calls before hang; goes on once they are answered', async () => {
    const { calls, add } = setUp({ maxPerCall: 1, maxWaitMs: 20 });
    const onTheWay = [add(digests(1)), add(digests(2))];
    await turn();
    await expect(Promise.all([add(digests(3)), add(digests(4))])).rejects.toMatchObject({
      code: 'overloaded',
      details: { retryAfterSeconds: expect.any(Number) },
    });
    for (const { answer } of calls) answer();
    expect(await Promise.all(onTheWay)).toEqual([[1], [2]]);
    const next = add(digests(5));
    await turn();
    expect(calls.map(({ bytes }) => bytes)).toEqual([[1], [2], [5]]);
    calls[2]!.answer();
    expect(await next).toEqual([5]);
  });
});
