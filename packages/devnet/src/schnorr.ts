import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, findHex, hexToBytes } from './hex.js';

const { Point } = secp256k1;
const ORDER = Point.CURVE().n;

type CurvePoint = InstanceType<typeof Point>;

/** A public key, compressed or not; undefined where it is no point of the curve. */
export function findPublicKey(hex: string): CurvePoint | undefined {
  try {
    return Point.fromHex(hex);
  } catch {
    return undefined;
  }
}

/** The two halves of a signature, each from 1 to the order less 1; undefined where they are not. */
export function findSignature(text: string): { r: bigint; s: bigint } | undefined {
  const hex = findHex(text, 64);
  if (hex === undefined) return undefined;
  const r = BigInt(`0x${hex.slice(0, 64)}`);
  const s = BigInt(`0x${hex.slice(64)}`);
  return [r, s].every((scalar) => scalar > 0n && scalar < ORDER) ? { r, s } : undefined;
}

/** Zilliqa's Schnorr: Q = sG + rP, and r = SHA-256(Q || P || message) mod n, points compressed (zq2, schnorr.rs). */
export function verifySchnorr(message: Uint8Array, key: CurvePoint, { r, s }: { r: bigint; s: bigint }): boolean {
  const commitment = Point.BASE.multiply(s).add(key.multiply(r));
  if (commitment.is0()) return false;
  const hash = sha256.create().update(commitment.toBytes(true)).update(key.toBytes(true)).update(message).digest();
  return BigInt(`0x${bytesToHex(hash)}`) % ORDER === r;
}

export const compressed = (key: CurvePoint): Uint8Array => hexToBytes(key.toHex(true));
