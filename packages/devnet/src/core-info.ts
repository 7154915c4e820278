import { hexToBytes, utf8 } from './hex.js';

/** What is signed and hashed of a transaction: `ProtoTransactionCoreInfo` of messages.proto. */
export interface CoreInfo {
  version: number;
  nonce: bigint;
  /** 20 bytes, as hex. */
  to: string;
  /** 33 bytes, as hex. */
  publicKey: string;
  amount: bigint;
  gasPrice: bigint;
  gasLimit: bigint;
  code: string;
  data: string;
}

const VARINT = 0;
const BYTES = 2;

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

const tag = (field: number, wireType: number): number[] => varint(BigInt(field * 8 + wireType));
const number = (field: number, value: bigint): number[] => [...tag(field, VARINT), ...varint(value)];
const bytes = (field: number, value: ArrayLike<number>): number[] => [
  ...tag(field, BYTES),
  ...varint(BigInt(value.length)),
  ...Array.from(value),
];
/** `message ByteArray { required bytes data = 1; }` */
const wrapped = (field: number, value: ArrayLike<number>): number[] => bytes(field, bytes(1, value));
/** Amounts are 16 bytes, big-endian. */
const uint128 = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(32, '0'));

/** Fields in the order of their numbers; code and data only where there are any (zq2, `encode_zilliqa_transaction`). */
export function encodeCoreInfo(info: CoreInfo): Uint8Array {
  return Uint8Array.from([
    ...number(1, BigInt(info.version)),
    ...number(2, info.nonce),
    ...bytes(3, hexToBytes(info.to)),
    ...wrapped(4, hexToBytes(info.publicKey)),
    ...wrapped(5, uint128(info.amount)),
    ...wrapped(6, uint128(info.gasPrice)),
    ...number(7, info.gasLimit),
    ...(info.code === '' ? [] : bytes(8, utf8(info.code))),
    ...(info.data === '' ? [] : bytes(9, utf8(info.data))),
  ]);
}
