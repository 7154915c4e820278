// @ts-check
import { createCipheriv } from 'node:crypto';

const DIGEST_BYTES = 32;
const BLOCK_BYTES = 16;

/**
 * The digests of a run: number i is 32 bytes of AES-256 in counter mode. All of them differ, they look random to the service, cost next to
 * nothing to make, and those of an earlier phase can be named again without having kept them.
 */
export class Digests {
  /** @param {string} keyHex 32 bytes */
  constructor(keyHex) {
    this.key = Buffer.from(keyHex, 'hex');
  }

  /**
   * @param {number} from
   * @param {number} count
   * @returns {string} in hex, one after the other
   */
  hex(from, count) {
    const counter = Buffer.alloc(BLOCK_BYTES);
    counter.writeBigUInt64BE(BigInt(from) * BigInt(DIGEST_BYTES / BLOCK_BYTES), 8);
    const cipher = createCipheriv('aes-256-ctr', this.key, counter);
    return cipher.update(Buffer.alloc(count * DIGEST_BYTES)).toString('hex');
  }
}
