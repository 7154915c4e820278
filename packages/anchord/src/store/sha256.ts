import { hash } from 'node:crypto';
import type { HashInto } from '@chronos/shared';

/** Writes a latin1 string into the array that it is called on: Node's own, which @types/node leaves out. */
const { latin1Write } = Buffer.prototype as unknown as {
  latin1Write: (this: Uint8Array, text: string, at: number, length: number) => number;
};

/** Node's SHA-256. By way of a latin1 string: 2.8 M/s for 65 bytes, where a Buffer a hash gives 1.2 M/s and createHash 0.7 M/s. */
export const nativeHashInto: HashInto = (input, out, at) => {
  latin1Write.call(out, hash('sha256', input, 'binary'), at, 32);
};
