// @ts-check
import { Digests } from './digests.mjs';

/**
 * @typedef {object} RequestSource
 * @property {() => { bytes: string | Buffer, digests: number } | undefined} next undefined: there are no more
 */

const HEX = 64;
/** Single digests are made so many at a time. */
const BATCH = 4096;

/**
 * Requests that submit `size` new digests each, until digest number `end`. Each connection has a source of its own, for the bytes of a large
 * request are written over by its next one; `numbers` is shared.
 *
 * @param {{ key: string, size: number, port: number, path: string, numbers: { next: number, end: number } }} options
 * @returns {() => RequestSource}
 */
export function submissions({ key, size, port, path, numbers }) {
  const digests = new Digests(key);
  const head = (/** @type {number} */ length) =>
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  if (size === 1) {
    const start = `${head(HEX + 13)}{"digest":"`;
    let batch = '';
    let at = 0;
    const next = () => {
      if (numbers.next >= numbers.end) return undefined;
      if (at === batch.length) {
        batch = digests.hex(numbers.next, BATCH);
        at = 0;
      }
      numbers.next++;
      return { bytes: `${start}${batch.slice(at, (at += HEX))}"}`, digests: 1 };
    };
    return () => ({ next });
  }
  const empty = `{"digests":[${Array.from({ length: size }, () => `"${'0'.repeat(HEX)}"`).join(',')}]}`;
  const text = `${head(empty.length)}${empty}`;
  const first = text.indexOf('["') + 2;
  return () => {
    const bytes = Buffer.from(text, 'latin1');
    return {
      next: () => {
        if (numbers.next >= numbers.end) return undefined;
        const hex = digests.hex(numbers.next, size);
        numbers.next += size;
        for (let i = 0; i < size; i++) bytes.write(hex.slice(i * HEX, (i + 1) * HEX), first + i * (HEX + 3), 'latin1');
        return { bytes, digests: size };
      },
    };
  };
}

/**
 * The same as a proxy hands it on: binary, with the token that it shares with anchord.
 *
 * @param {{ key: string, size: number, port: number, token: string, numbers: { next: number, end: number } }} options
 * @returns {() => RequestSource}
 */
export function privateCalls({ key, size, port, token, numbers }) {
  const digests = new Digests(key);
  const length = (size * HEX) / 2;
  const head = Buffer.from(
    `POST /digests HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`,
  );
  const next = () => {
    if (numbers.next >= numbers.end) return undefined;
    const body = Buffer.from(digests.hex(numbers.next, size), 'hex');
    numbers.next += size;
    return { bytes: Buffer.concat([head, body]), digests: size };
  };
  return () => ({ next });
}

/** A prime, so that its multiples modulo anything smaller meet every number once. */
const STRIDE = 1_000_000_007;

/**
 * Requests for the proofs of digests that stand far from each other among those numbered `from` to before `end`: no two for the same until
 * `distinct` were asked, and then the same ones again.
 *
 * @param {{ key: string, port: number, from: number, end: number, distinct: number, times: number }} options
 * @returns {() => RequestSource}
 */
export function proofRequests({ key, port, from, end, distinct, times }) {
  const digests = new Digests(key);
  /** @type {string[]} */
  const made = [];
  let i = 0;
  const next = () => {
    if (i >= distinct * times) return undefined;
    const index = i++ % distinct;
    const number = from + ((index * STRIDE) % (end - from));
    const bytes = (made[index] ??=
      `GET /api/v1/proofs/${digests.hex(number, 1)} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    return { bytes, digests: 1 };
  };
  return () => ({ next });
}
