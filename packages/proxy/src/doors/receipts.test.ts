import {
  isoTime,
  readReceipt,
  RECEIPT_BYTES,
  ReceiptWriter,
  submitReplySchema,
  toHex,
  windowEndMs,
} from '@chronos/shared';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ReceiptPrinter } from './receipts.js';

const PREFIX = 'https://chronos.example/api/v1/proofs/';

/** The slow and plain way. */
function asObjects(digests: readonly string[], receipts: Uint8Array) {
  return digests.map((digest, i) => {
    const { status, salt, receivedAtMs, windowId, windowSeconds } = readReceipt(receipts, i * RECEIPT_BYTES);
    return {
      digest,
      status,
      salt: toHex(salt),
      receivedAt: isoTime(receivedAtMs),
      window: { id: windowId, seconds: windowSeconds, closesAt: isoTime(windowEndMs(windowId, windowSeconds)) },
      proofUrl: `${PREFIX}${digest}`,
    };
  });
}

test('receipts are printed as JSON.stringify would print them, and as the API promises', () => {
  const receipt = fc.record({
    digest: fc.stringMatching(/^[0-9a-f]{64}$/),
    status: fc.constantFrom('accepted' as const, 'exists' as const),
    salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    // Few values, so that neighbours often share them and often do not.
    receivedAtMs: fc.oneof(fc.constantFrom(0, 1795171572345), fc.integer({ min: 0, max: 8e12 })),
    windowId: fc.oneof(fc.constantFrom(0, 1795171560), fc.integer({ min: 0, max: 8e9 })),
    windowSeconds: fc.constantFrom(1, 10, 30),
  });
  const printer = new ReceiptPrinter(PREFIX);
  fc.assert(
    fc.property(fc.array(receipt, { minLength: 1, maxLength: 8 }), fc.nat(8), (all, cut) => {
      const writer = new ReceiptWriter(all.length);
      for (const r of all) writer.write(r.status, r.salt, 0, r.receivedAtMs, r.windowId, r.windowSeconds);
      const receipts = Buffer.from(writer.bytes.buffer);
      const digests = all.map(({ digest }) => digest);
      const items = asObjects(digests, receipts);
      const middle = Math.min(cut, all.length);
      const print = (from: number, to: number) => printer.print(digests, receipts, from, to);
      expect(`[${print(0, all.length)}]`).toBe(JSON.stringify(items));
      expect([print(0, middle), print(middle, all.length)].filter(Boolean).join(',')).toBe(print(0, all.length));
      submitReplySchema.parse({ items });
    }),
  );
});

test('a receipt with an unknown status is a fault, not an answer', () => {
  const receipts = Buffer.alloc(RECEIPT_BYTES);
  receipts[0] = 3;
  expect(() => new ReceiptPrinter('/').print(['aa'], receipts, 0, 1)).toThrow('receipt status 3 is unknown');
});
