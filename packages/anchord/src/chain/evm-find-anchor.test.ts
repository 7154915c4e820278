import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstBlockFrom } from './evm-find-anchor.js';

function chainOf(times: readonly number[]) {
  const looks: number[] = [];
  const timeAt = async (number: number): Promise<number> => {
    looks.push(number);
    const time = times[number];
    if (time === undefined) throw new Error(`there is no block ${number}`);
    return time;
  };
  const number = times.length - 1;
  return { looks, find: (time: number) => firstBlockFrom(time, { number, time: times[number]! }, timeAt) };
}

test('it finds the first block from a time on, whatever the pace of the chain', async () => {
  const steps = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: -50, max: 60_000 }), async (gaps, time) => {
      let now = 0;
      const times = gaps.map((gap) => (now += gap));
      const expected = times.findIndex((blockTime) => blockTime >= time);
      expect(await chainOf(times).find(time)).toBe(expected === -1 ? times.length - 1 : expected);
    }),
  );
});

test('a chain of a steady pace takes few looks, none of them at blocks much older', async () => {
  const times = Array.from({ length: 1_000_000 }, (_, number) => Math.floor(number * 1.1));
  const chain = chainOf(times);
  const target = 1_000_000;
  expect(times[await chain.find(target)]).toBe(target);
  expect(chain.looks.length).toBeLessThan(12);
  expect(Math.min(...chain.looks)).toBeGreaterThan(800_000);
});
