import { HASH_BYTES, SALT_BYTES } from './hash-rules.js';

// What proxies and anchord say to each other on the private network, where one call serves many waiting requests.
//
//   POST /digests   body: n digests of 32 bytes           reply: n receipts of 33 bytes, in the same order
//   POST /proofs    body: n submitted digests of 32 bytes  reply: n proof items, in the same order
//   GET  /windows/<id>/final?wait=SECONDS                  204 once the window is final, 202 when the time is up
//
// All else is the public REST reply, made by anchord and handed on by the proxy unchanged. Integers are big-endian.

/** The paths of the binary calls. */
export const PRIVATE_PATHS = { digests: '/digests', proofs: '/proofs' } as const;
/** The most digests of one private call to `/digests`. */
export const MAX_DIGESTS_PER_CALL = 16_384;
/** The most digests of one private call to `/proofs`. */
export const MAX_PROOFS_PER_CALL = 1_024;

/** The receipt of one digest: status (1 byte) | salt (16) | receivedAt in ms (6) | window id (6) | window seconds (4). */
export const RECEIPT_BYTES = 33;

/** A receipt before it is written as JSON; `receivedAtMs` is Unix milliseconds, `windowId` Unix seconds. */
export interface BinaryReceipt {
  status: 'accepted' | 'exists';
  salt: Uint8Array;
  receivedAtMs: number;
  windowId: number;
  windowSeconds: number;
}

function setU48(view: DataView, at: number, value: number): void {
  view.setUint16(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 2, value % 2 ** 32);
}

function getU48(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes receipts one after the other into bytes made for `count` of them. */
export class ReceiptWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private at = 0;

  constructor(count: number) {
    this.bytes = new Uint8Array(count * RECEIPT_BYTES);
    this.view = viewOf(this.bytes);
  }

  /** `salt` is read at `saltAt`. */
  write(
    status: BinaryReceipt['status'],
    salt: Uint8Array,
    saltAt: number,
    receivedAtMs: number,
    windowId: number,
    windowSeconds: number,
  ): void {
    const { bytes, view, at } = this;
    bytes[at] = status === 'accepted' ? 1 : 2;
    for (let i = 0; i < SALT_BYTES; i++) bytes[at + 1 + i] = salt[saltAt + i]!;
    setU48(view, at + 17, receivedAtMs);
    setU48(view, at + 23, windowId);
    view.setUint32(at + 29, windowSeconds);
    this.at += RECEIPT_BYTES;
  }
}

/** The receipt that starts at byte `at`. */
export function readReceipt(bytes: Uint8Array, at: number): BinaryReceipt {
  const view = viewOf(bytes);
  const status = bytes[at];
  if (status !== 1 && status !== 2) throw new RangeError(`receipt status ${status} is unknown`);
  return {
    status: status === 1 ? 'accepted' : 'exists',
    salt: bytes.subarray(at + 1, at + 1 + SALT_BYTES),
    receivedAtMs: getU48(view, at + 17),
    windowId: getU48(view, at + 23),
    windowSeconds: view.getUint32(at + 29),
  };
}

/**
 * One digest's proof: status (1 byte) | finalAt, or expectedFinalAt while it is not final, in ms (6) | length (4) | the proof file's JSON.
 * Unknown digests have no JSON.
 */
export interface ProofItem {
  status: 'unknown' | 'collecting' | 'anchoring' | 'final';
  finalAtMs: number;
  json: Uint8Array;
}

const PROOF_STATUSES = ['unknown', 'collecting', 'anchoring', 'final'] as const;
const PROOF_ITEM_HEADER_BYTES = 11;

/** The items one after the other, as {@link decodeProofItems} reads them. */
export function encodeProofItems(items: readonly ProofItem[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(items.reduce((total, { json }) => total + PROOF_ITEM_HEADER_BYTES + json.length, 0));
  const view = viewOf(bytes);
  let at = 0;
  for (const { status, finalAtMs, json } of items) {
    bytes[at] = PROOF_STATUSES.indexOf(status);
    setU48(view, at + 1, finalAtMs);
    view.setUint32(at + 7, json.length);
    bytes.set(json, at + PROOF_ITEM_HEADER_BYTES);
    at += PROOF_ITEM_HEADER_BYTES + json.length;
  }
  return bytes;
}

/** Throws `RangeError` where the bytes are not exactly `count` items. The items' JSON is a view into `bytes`. */
export function decodeProofItems(bytes: Uint8Array, count: number): ProofItem[] {
  const view = viewOf(bytes);
  const items: ProofItem[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const status = PROOF_STATUSES[view.getUint8(at)];
    if (status === undefined) throw new RangeError('proof status is unknown');
    const start = at + PROOF_ITEM_HEADER_BYTES;
    const end = start + view.getUint32(at + 7);
    if (end > bytes.length) throw new RangeError('proof items end early');
    items.push({ status, finalAtMs: getU48(view, at + 1), json: bytes.subarray(start, end) });
    at = end;
  }
  if (at !== bytes.length) throw new RangeError('proof items have bytes left over');
  return items;
}

/** Digests that stand one after the other: how many, or undefined where a part is left over. */
export function countDigests(bytes: Uint8Array): number | undefined {
  return bytes.length % HASH_BYTES === 0 ? bytes.length / HASH_BYTES : undefined;
}
