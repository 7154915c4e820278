const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex of `bytes`, without `0x`. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += HEX[byte]!;
  return hex;
}

/** Bytes of an even number of lower-case hex digits. Throws `RangeError` on anything else: see {@link isHex} for asking first. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  if (hex.length % 2 !== 0 || !isHex(hex, hex.length / 2))
    throw new RangeError('expected an even number of lower-case hex digits');
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Whether `value` is exactly `byteLength` bytes of lower-case hex, without `0x`. */
export function isHex(value: string, byteLength: number): boolean {
  return value.length === 2 * byteLength && /^[0-9a-f]*$/.test(value);
}

/** The parts, one after the other, in a new array. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether two arrays hold the same bytes. Not constant in time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Eight bytes, big-endian, of an integer from 0 to 2^64 - 1. Throws `RangeError` on any other number. */
export function u64be(value: number | bigint): Uint8Array<ArrayBuffer> {
  const integer = BigInt(value);
  if (BigInt.asUintN(64, integer) !== integer) throw new RangeError('expected an integer from 0 to 2^64 - 1');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, integer);
  return bytes;
}
