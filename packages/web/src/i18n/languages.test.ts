import { expect, test } from '@jest/globals';
import { de } from './de.js';
import { en } from './en.js';

/** Every text by its path; of a function, what it makes of an example. */
function textsOf(messages: object, path = ''): [string, string][] {
  return Object.entries(messages).flatMap(([key, value]: [string, unknown]) => {
    const at = `${path}.${key}`;
    if (typeof value === 'string') return [[at, value] as [string, string]];
    if (typeof value === 'function')
      return [[at, (value as (...args: unknown[]) => string)(2, 'x')] as [string, string]];
    return textsOf(value as object, at);
  });
}

// That German has every text of English, and takes the same numbers, is held by the compiler.
test('no text is empty, and German is no copy of English', () => {
  const [english, german] = [textsOf(en), textsOf(de)];
  expect(german.filter(([, text]) => text.trim() === '')).toEqual([]);
  const same = german.filter(([, text], i) => text === english[i]![1] && text.length > 14).map(([path]) => path);
  expect(same).toEqual([]);
});
