import { fromHex, isHex } from './bytes.js';
import { ChronosError } from './errors.js';
import { HASH_BYTES } from './hash-rules.js';

/**
 * The 32 bytes of a digest written as 64 lower-case hex digits. Anything else throws `invalid_digest`, with a message that says what is
 * wrong and what to do; `field` and `index` say where the text stood.
 */
export function parseDigest(text: string, field = 'digest', index?: number): Uint8Array<ArrayBuffer> {
  if (!isHex(text, HASH_BYTES)) {
    throw new ChronosError('invalid_digest', `${at(field, index)} ${digestFault(text)}`, {
      field,
      ...(index === undefined ? {} : { index }),
    });
  }
  return fromHex(text);
}

function at(field: string, index: number | undefined): string {
  return index === undefined ? field : `${field}[${index}]`;
}

/** Why a text is no digest, as the end of a sentence. */
export function digestFault(text: string): string {
  if (/^0x/i.test(text)) return 'starts with 0x: send the 64 hex digits alone';
  if (!/^[0-9a-fA-F]*$/.test(text)) return 'holds characters that are not hex digits: send 64 of 0-9 and a-f';
  if (text.length !== 2 * HASH_BYTES) return `has ${text.length} hex digits: a SHA-256 digest has 64`;
  return 'is in upper case: send it in lower case';
}
