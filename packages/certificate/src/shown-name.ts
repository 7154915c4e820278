/** The most characters of a name that are shown. */
const MAX_SHOWN = 200;
// Controls, format characters (direction overrides among them), private and unassigned ones, and every space but the plain one.
const STEERING = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;

/** `\u{202e}`: a character as its code, where showing it would mislead or is impossible. */
export function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/**
 * A file's name as it may stand in a text: a name is anybody's choice, and must not be able to reverse, break or hide what stands
 * around it. A backslash is doubled, so that the codes are not mistaken for the name's own characters.
 */
export function shownName(name: string): string {
  const characters = Array.from(name.normalize('NFC'));
  const shown = characters.map((one) => {
    if (one === '\\') return '\\\\';
    return one !== ' ' && STEERING.test(one) ? escaped(one) : one;
  });
  if (shown.length <= MAX_SHOWN) return shown.join('');
  return `${shown.slice(0, MAX_SHOWN - 40).join('')} […] ${shown.slice(-40).join('')}`;
}

/** The name under which the proof of a document is kept, safe as a file's name everywhere. */
export function proofFileName(name: string | undefined, digest: string): string {
  const base = (name ?? '').replace(/[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, '_').trim();
  return `${base === '' ? digest : base}.chronos.json`;
}
