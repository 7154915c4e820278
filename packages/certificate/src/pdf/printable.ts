import type { Font } from 'fontkit';
import { escaped } from '../shown-name.js';

// Written from left to right, one character one sign: what is set here character by character reads as it was meant. Marks that are put on
// others, and scripts that join or turn, are told by their codes instead.
const PLAIN = /^[\p{scx=Common}\p{scx=Latin}\p{scx=Greek}\p{scx=Cyrillic}\p{scx=Armenian}\p{scx=Georgian}]$/u;
const MARK = /\p{M}/u;

/** A text with what the font cannot show, or would show wrongly, as `\u{4e2d}`. Line ends are kept. */
export function printableWith(font: Pick<Font, 'hasGlyphForCodePoint'>, text: string): string {
  return Array.from(text, (one) => {
    const shows = PLAIN.test(one) && !MARK.test(one) && font.hasGlyphForCodePoint(one.codePointAt(0)!);
    return shows || one === '\n' ? one : escaped(one);
  }).join('');
}

/** JSON text in ASCII: it means the same. */
export function asciiJson(json: string): string {
  // Outside of strings JSON is ASCII, and within them every UTF-16 unit may be written as its code.
  return json.replace(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
