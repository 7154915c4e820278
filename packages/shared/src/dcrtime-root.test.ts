import { expect, test } from '@jest/globals';
import { concatBytes, fromHex, toHex } from './bytes.js';
import { dcrtimeRootInPlace } from './dcrtime-root.js';
import { windowTrees } from './fixtures/vectors.js';
import { sha256 } from './sha256.js';

test.each(windowTrees)("has dcrtime's root of the vectors' $size digests", ({ digests, dcrtimeRoot }) => {
  expect(toHex(dcrtimeRootInPlace(fromHex(digests.toSorted().join(''))))).toBe(dcrtimeRoot);
});

test('the root of one digest is the digest', () => {
  const digest = sha256(Uint8Array.of(1));
  expect(dcrtimeRootInPlace(Uint8Array.from(digest))).toEqual(digest);
});

test('an odd one is paired with itself', () => {
  const [a, b, c] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array];
  const expected = sha256(concatBytes(sha256(concatBytes(a, b)), sha256(concatBytes(c, c))));
  expect(toHex(dcrtimeRootInPlace(concatBytes(a, b, c)))).toBe(toHex(expected));
});
