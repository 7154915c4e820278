import { isoTime, RECEIPT_BYTES, SALT_BYTES, windowEndMs } from '@chronos/shared';

/** Bytes of a receipt, private-protocol.ts: status | salt | receivedAt | window id | window seconds. */
const SALT_AT = 1;
const RECEIVED_AT = SALT_AT + SALT_BYTES;
const WINDOW_ID_AT = RECEIVED_AT + 6;
const WINDOW_SECONDS_AT = WINDOW_ID_AT + 6;

const STATUSES: readonly (string | undefined)[] = [undefined, 'accepted', 'exists'];

/**
 * Writes receipts as the JSON of the reply to POST /api/v1/timestamps, straight from anchord's bytes: a tenth of the time of objects and
 * JSON.stringify. What many receipts share (the window, the millisecond) is written once.
 */
export class ReceiptPrinter {
  private windowId = -1;
  private windowSeconds = -1;
  private windowText = '';
  private receivedAtMs = -1;
  private receivedAtText = '';

  /** `proofUrlPrefix` stands before the digest in `proofUrl`; it needs no escaping in JSON. */
  constructor(private readonly proofUrlPrefix: string) {}

  /** The items for `digests` (hex) from `from` to before `to`, with commas between them. `receipts` holds 33 bytes for each. */
  print(digests: readonly string[], receipts: Buffer, from: number, to: number): string {
    let text = '';
    for (let i = from; i < to; i++) {
      const at = i * RECEIPT_BYTES;
      const status = STATUSES[receipts[at]!];
      if (status === undefined) throw new RangeError(`receipt status ${receipts[at]} is unknown`);
      const digest = digests[i]!;
      text += `${i === from ? '' : ','}{"digest":"${digest}","status":"${status}","salt":"${receipts.toString('hex', at + SALT_AT, at + RECEIVED_AT)}","receivedAt":"${this.receivedAt(receipts, at)}","window":${this.window(receipts, at)},"proofUrl":"${this.proofUrlPrefix}${digest}"}`;
    }
    return text;
  }

  private receivedAt(receipts: Buffer, at: number): string {
    const ms = receipts.readUIntBE(at + RECEIVED_AT, 6);
    if (ms !== this.receivedAtMs) {
      this.receivedAtMs = ms;
      this.receivedAtText = isoTime(ms);
    }
    return this.receivedAtText;
  }

  private window(receipts: Buffer, at: number): string {
    const id = receipts.readUIntBE(at + WINDOW_ID_AT, 6);
    const seconds = receipts.readUInt32BE(at + WINDOW_SECONDS_AT);
    if (id !== this.windowId || seconds !== this.windowSeconds) {
      this.windowId = id;
      this.windowSeconds = seconds;
      this.windowText = `{"id":${id},"seconds":${seconds},"closesAt":"${isoTime(windowEndMs(id, seconds))}"}`;
    }
    return this.windowText;
  }
}

/** When the window of the receipt at `index` ends, Unix ms. */
export function receiptWindowEndMs(receipts: Buffer, index: number): number {
  const at = index * RECEIPT_BYTES;
  return windowEndMs(receipts.readUIntBE(at + WINDOW_ID_AT, 6), receipts.readUInt32BE(at + WINDOW_SECONDS_AT));
}
