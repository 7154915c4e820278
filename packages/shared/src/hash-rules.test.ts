import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { fromHex, toHex } from './bytes.js';
import { blindDigest, entryHash, windowRecord } from './hash-rules.js';
import { leafHash, nodeHash } from './merkle.js';
import { sha256 } from './sha256.js';

const digest = new Uint8Array(32).fill(0xaa);
const other = new Uint8Array(32).fill(0xbb);
const short = new Uint8Array(16).fill(0xcc);
const native = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');

test('hash the bytes that the design names, in its order', () => {
  expect(toHex(blindDigest(digest, short))).toBe(native('aa'.repeat(32) + 'cc'.repeat(16)));
  expect(toHex(entryHash(digest, short))).toBe(native('aa'.repeat(32) + 'cc'.repeat(16)));
  expect(toHex(leafHash(digest))).toBe(native(`00${'aa'.repeat(32)}`));
  expect(toHex(nodeHash(digest, other))).toBe(native(`01${'aa'.repeat(32)}${'bb'.repeat(32)}`));
});

test('a window record is 48 bytes: window id, tree size, root', () => {
  expect(toHex(windowRecord(1795171200, 3, digest))).toBe(`000000006b0023800000000000000003${'aa'.repeat(32)}`);
  expect(() => windowRecord(-1, 3, digest)).toThrow(RangeError);
});

test('another SHA-256 may stand in for the portable one', () => {
  const input = fromHex('616263');
  const viaNode = sha256(input, (bytes, out, at) => out.set(createHash('sha256').update(bytes).digest(), at));
  expect(toHex(viaNode)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256(input)).toEqual(viaNode);
});
