import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  type BinaryReceipt,
  fromHex,
  type Proof,
  RECEIPT_BYTES,
  readReceipt,
  toHex,
  verifyStructure,
} from '@chronos/shared';
import { type Context, createContext } from '../context.js';
import type { Clock } from '../clock.js';
import { createLogger } from '../logger.js';

/** The daemon's services over a folder, without a chain: windows close and wait. */
export function openServices(dataDir: string, clock: Clock, windowSeconds = 10): Promise<Context> {
  return createContext({
    ...{ dataDir, clock, windowSeconds },
    version: '0.0.0',
    maxWindowDigests: 1_000_000,
    reserveBytes: 0,
    chains: [],
    logger: createLogger('fatal'),
    onFailure: (error) => {
      throw error;
    },
  });
}

export function randomDigests(count: number): Buffer[] {
  return Array.from({ length: count }, () => randomBytes(32));
}

/** Admits digests in one call, and reads the receipts. */
export async function admit({ collector }: Context, digests: readonly Buffer[]): Promise<BinaryReceipt[]> {
  const receipts = await collector.admit(Buffer.concat(digests));
  expect(receipts.length).toBe(digests.length * RECEIPT_BYTES);
  return digests.map((_, i) => readReceipt(receipts, i * RECEIPT_BYTES));
}

/** The proof of a digest as it stands, held against the digest; of a closed window, its paths must lead to the roots. */
export function proofOf({ proofs }: Context, digest: Buffer): { status: string; proof: Proof } {
  const { status, json } = proofs.item(digest);
  const proof = JSON.parse(Buffer.from(json).toString()) as Proof;
  expect(verifyStructure(fromHex(toHex(digest)), proof)).toMatchObject({ code: 'pending' });
  return { status, proof };
}
