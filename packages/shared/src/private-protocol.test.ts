import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { concatBytes } from './bytes.js';
import {
  type BinaryReceipt,
  countDigests,
  decodeProofItems,
  encodeProofItems,
  type ProofItem,
  readReceipt,
  RECEIPT_BYTES,
  ReceiptWriter,
} from './private-protocol.js';

const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const receipt: fc.Arbitrary<BinaryReceipt> = fc.record({
  status: fc.constantFrom('accepted' as const, 'exists' as const),
  salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  receivedAtMs: u48,
  windowId: u48,
  windowSeconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});
const item: fc.Arbitrary<ProofItem> = fc.record({
  status: fc.constantFrom('unknown' as const, 'collecting' as const, 'anchoring' as const, 'final' as const),
  finalAtMs: u48,
  json: fc.uint8Array({ maxLength: 50 }),
});

function write(receipts: readonly BinaryReceipt[]): Uint8Array {
  const writer = new ReceiptWriter(receipts.length);
  for (const { status, salt, receivedAtMs, windowId, windowSeconds } of receipts) {
    // The salt is read out of a longer array, as the daemon keeps its salts.
    writer.write(
      status,
      concatBytes(Uint8Array.of(1, 2, 3), salt, Uint8Array.of(4)),
      3,
      receivedAtMs,
      windowId,
      windowSeconds,
    );
  }
  return writer.bytes;
}

describe('receipts', () => {
  test('are read back as they were written, out of any larger array', () => {
    fc.assert(
      fc.property(fc.array(receipt, { maxLength: 5 }), (receipts) => {
        const bytes = concatBytes(Uint8Array.of(7), write(receipts)).subarray(1);
        expect(receipts.map((_, i) => readReceipt(bytes, i * RECEIPT_BYTES))).toEqual(receipts);
      }),
    );
  });

  test('are refused where they are cut short or hold an unknown status', () => {
    fc.assert(
      fc.property(receipt, fc.integer({ min: 0, max: RECEIPT_BYTES - 1 }), (one, length) => {
        expect(() => readReceipt(write([one]).subarray(0, length), 0)).toThrow(RangeError);
      }),
    );
    expect(() => readReceipt(new Uint8Array(RECEIPT_BYTES), 0)).toThrow('receipt status 0 is unknown');
  });

  test('do not write past the count they were made for', () => {
    const writer = new ReceiptWriter(1);
    writer.write('accepted', new Uint8Array(16), 0, 1, 1, 1);
    expect(() => writer.write('accepted', new Uint8Array(16), 0, 1, 1, 1)).toThrow(RangeError);
  });
});

describe('proof items', () => {
  test('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), (items) => {
        expect(decodeProofItems(encodeProofItems(items), items.length)).toEqual(items);
      }),
    );
  });

  test('are refused where bytes are missing or left over', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 3 }), fc.nat(), (items, cut) => {
        const bytes = encodeProofItems(items);
        expect(() => decodeProofItems(bytes.subarray(0, cut % bytes.length), items.length)).toThrow(RangeError);
        expect(() => decodeProofItems(concatBytes(bytes, Uint8Array.of(0)), items.length)).toThrow(RangeError);
        expect(() => decodeProofItems(bytes, items.length - 1)).toThrow('left over');
      }),
    );
  });

  test('are refused where a length or a status is a lie', () => {
    const bytes = encodeProofItems([{ status: 'final', finalAtMs: 1, json: Uint8Array.of(1) }]);
    bytes.set([0xff, 0xff, 0xff, 0xff], 7);
    expect(() => decodeProofItems(bytes, 1)).toThrow('end early');
    expect(() => decodeProofItems(Uint8Array.of(4, ...new Uint8Array(10)), 1)).toThrow('status');
  });
});

test('digests are counted only where none is cut short', () => {
  expect(countDigests(new Uint8Array(96))).toBe(3);
  expect(countDigests(new Uint8Array(0))).toBe(0);
  expect(countDigests(new Uint8Array(95))).toBeUndefined();
});
