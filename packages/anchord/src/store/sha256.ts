import { hash } from 'node:crypto';
import type { HashInto } from '@chronos/shared';

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the array as `this`, below
const writeLatin1 = Buffer.prototype.latin1Write;

/** Node's SHA-256. By way of a latin1 string: 2.8 M/s for 65 bytes, where a Buffer a hash gives 1.2 M/s and createHash 0.7 M/s. */
export const nativeHashInto: HashInto = (input, out, at) => {
  writeLatin1.call(out as Buffer, hash('sha256', input, 'binary'), at, 32);
};
