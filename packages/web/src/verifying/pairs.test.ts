import { describe, expect, test } from '@jest/globals';
import type { Proof } from '../service/shared.js';
import { type Asked, type Given, pairUp } from './pairs.js';

const digest = (name: string) => name.padEnd(64, '0');

function asked(name: string, content?: string): Asked {
  return { id: `asked ${name}`, name, hashedBytes: 0, ...(content === undefined ? {} : { digest: digest(content) }) };
}

function given(name: string, content?: string): Given {
  const proof = content === undefined ? {} : { proof: { digest: { value: digest(content) } } as Proof };
  return { id: `given ${name}`, kind: 'proof', name, text: '', ...proof };
}

const pairs = (documents: readonly Asked[], proofs: readonly Given[]) =>
  pairUp(documents, proofs).map(({ asked: one, given: proof }) => [one?.name, proof?.name]);

describe('documents and proofs', () => {
  test('find each other by digest, whatever they are called and in whatever order they came', () => {
    expect(
      pairs([asked('b', 'two'), asked('a', 'one')], [given('x.chronos.json', 'one'), given('y.chronos.json', 'two')]),
    ).toEqual([
      ['b', 'y.chronos.json'],
      ['a', 'x.chronos.json'],
    ]);
  });

  test('by name where no digest fits, so that a changed document meets its own proof', () => {
    expect(
      pairs(
        [asked('a', 'changed'), asked('b', 'two')],
        [given('b.chronos.json', 'two'), given('a.chronos.json', 'one'), given('c.chronos.json', 'three')],
      ),
    ).toEqual([
      ['a', 'a.chronos.json'],
      ['b', 'b.chronos.json'],
      [undefined, 'c.chronos.json'],
    ]);
  });

  test('the last ones left are put together: they do not match, and are told so', () => {
    expect(pairs([asked('a', 'one')], [given('z.json', 'two')])).toEqual([['a', 'z.json']]);
    expect(pairs([asked('a', 'one')], [given('broken.chronos.json')])).toEqual([['a', 'broken.chronos.json']]);
    expect(pairs([asked('a', 'one'), asked('b', 'two')], [given('z.json', 'three')])).toEqual([
      ['a', undefined],
      ['b', undefined],
      [undefined, 'z.json'],
    ]);
  });

  test('a digest goes before a name', () => {
    expect(
      pairs([asked('a', 'one'), asked('b', 'two')], [given('a.chronos.json', 'two'), given('b.chronos.json', 'one')]),
    ).toEqual([
      ['a', 'b.chronos.json'],
      ['b', 'a.chronos.json'],
    ]);
  });

  test('two copies share the proof', () => {
    expect(pairs([asked('a', 'one'), asked('copy', 'one')], [given('a.chronos.json', 'one')])).toEqual([
      ['a', 'a.chronos.json'],
      ['copy', 'a.chronos.json'],
    ]);
  });

  test('nothing is guessed while a document is being read', () => {
    expect(pairs([asked('a')], [given('a.chronos.json', 'one')])).toEqual([
      ['a', undefined],
      [undefined, 'a.chronos.json'],
    ]);
  });
});
