/** A token as it travels in `Authorization: Bearer`: long enough not to be guessed, and nothing in it that a header could not carry. */
const TOKEN = /^[\x21-\x7e]{32,1024}$/;

/**
 * The tokens that a token file holds, one a line: the first is the one to send. While tokens are changed there is a second, which is accepted
 * as well. Undefined where the text is anything else.
 */
export function parseTokens(text: string): readonly [string, ...string[]] | undefined {
  const [first, ...others] = text.trim().split(/\s*\n\s*/);
  if (first === undefined || others.length > 1 || ![first, ...others].every((token) => TOKEN.test(token)))
    return undefined;
  return [first, ...others];
}

/** What {@link parseTokens} wants, as the end of a sentence that begins with the file. */
export const TOKENS_WANTED =
  'must hold a token of at least 32 printable characters without spaces, and at most one older token in a second line';
