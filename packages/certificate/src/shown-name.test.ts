import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { proofFileName, shownName } from './shown-name.js';

test.each([
  ['contract.pdf', 'contract.pdf'],
  ['Vertrag – Übersicht (1).pdf', 'Vertrag – Übersicht (1).pdf'],
  ['Москва 契約書 😀.txt', 'Москва 契約書 😀.txt'],
  ['\u202efdp.exe', '\\u{202e}fdp.exe'],
  ['a\u2066b\u2069\u200f', 'a\\u{2066}b\\u{2069}\\u{200f}'],
  ['two\nlines\t', 'two\\u{a}lines\\u{9}'],
  ['no\u00a0break\u3000', 'no\\u{a0}break\\u{3000}'],
  ['back\\u{202e}', 'back\\\\u{202e}'],
  ['half \ud83d', 'half \\u{d83d}'],
  ['u\u0308', 'ü'],
])('the name %j is shown as %j', (name, shown) => expect(shownName(name)).toBe(shown));

test('whatever the name, what is shown holds no control, no direction, and no line end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(shownName(name)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('two names are never shown as the same, as long as they are not shortened', () => {
  const name = fc.string({
    unit: fc.constantFrom('\\', 'u', '{', '}', '2', '0', '\u2020', '\u202e', ' '),
    maxLength: 12,
  });
  fc.assert(fc.property(name, name, (a, b) => expect(shownName(a) === shownName(b)).toBe(a === b)));
});

test('a long name keeps its beginning and its end', () => {
  const shown = shownName(`${'a'.repeat(300)}.pdf`);
  expect(shown).toHaveLength(205);
  expect(shown).toMatch(/^a+ \[…\] a+\.pdf$/);
});

test.each([
  ['contract.pdf', 'contract.pdf.chronos.json'],
  ['../../etc/passwd', '.._.._etc_passwd.chronos.json'],
  ['a\u202eb\\c:d', 'a_b_c_d.chronos.json'],
  [undefined, 'ff.chronos.json'],
  ['  ', 'ff.chronos.json'],
])('the proof of %j is kept as %j', (name, file) => expect(proofFileName(name, 'ff')).toBe(file));
