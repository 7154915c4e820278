import { expect, test } from '@jest/globals';
import { Spell } from './spell.js';

const MINUTE = 60_000;

/** Whether each of these moments is told. */
function told(...atMs: number[]): boolean[] {
  const spell = new Spell();
  return atMs.map((ms) => spell.note(ms));
}

test('what happens again and again is told once, and once more after half an hour', () => {
  const times = Array.from({ length: 61 }, (_, minute) => minute * MINUTE);
  const minutes = told(...times).flatMap((isTold, minute) => (isTold ? [minute] : []));
  expect(minutes).toEqual([0, 30, 60]);
});

test('after two minutes without, it is something new', () => {
  expect(told(0, 2 * MINUTE - 1, 4 * MINUTE - 2, 6 * MINUTE - 2)).toEqual([true, false, false, true]);
});

test('its end is told once, when it has been calm for two minutes, with how often and how long it was', () => {
  const spell = new Spell();
  expect(spell.end(0)).toBeUndefined();
  spell.note(10);
  spell.note(MINUTE);
  expect(spell.end(2 * MINUTE)).toBeUndefined();
  expect(spell.end(3 * MINUTE)).toEqual({ count: 2, lastedMs: MINUTE - 10 });
  expect(spell.end(9 * MINUTE)).toBeUndefined();
});
