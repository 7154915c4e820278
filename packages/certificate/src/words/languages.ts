import { de } from './de.js';
import { en } from './en.js';
import type { Words } from './words.js';

const WORDS = { en, de };

/** The languages in which a certificate can be made. */
export type Language = keyof typeof WORDS;
export const LANGUAGES = Object.keys(WORDS) as readonly Language[];

export function wordsOf(language: Language): Words {
  return WORDS[language];
}
