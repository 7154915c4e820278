import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { ethereumChecksum, NO_ADDRESS, publicKeyAddress, zilliqaChecksum } from './address.js';
import { type CoreInfo, encodeCoreInfo } from './core-info.js';
import { bytesToHex, findHex } from './hex.js';
import { CODES, RpcError } from './rpc-error.js';
import { compressed, findPublicKey, findSignature, verifySchnorr } from './schnorr.js';

/** A transaction whose signature holds. */
export interface Transaction extends CoreInfo {
  /** SHA-256 of the core info; the signature is not in it, so that signing again keeps it. */
  id: string;
  sender: string;
  signature: string;
}

export type Kind = 'transfer' | 'create' | 'call';

const decimal = (bits: number) =>
  z
    .string()
    .regex(/^[0-9]{1,39}$/)
    .transform(BigInt)
    .refine((value) => value < 1n << BigInt(bits));

/** The one parameter of CreateTransaction (zq2, api/zilliqa.rs, `TransactionParams`); more keys are let pass, as `priority` is. */
const paramsSchema = z.object({
  version: z.int().min(0).max(0xffffffff),
  nonce: z.int().min(0).transform(BigInt),
  toAddr: z.string(),
  amount: decimal(128),
  pubKey: z.string(),
  gasPrice: decimal(128),
  gasLimit: decimal(64),
  code: z.string().nullish(),
  data: z.string().nullish(),
  signature: z.string(),
});

/** Reads and verifies what CreateTransaction was given, in the order of zq2's `create_transaction`. Throws RpcError. */
export function parseTransaction(params: unknown, chainId: number): Transaction {
  const result = paramsSchema.safeParse(params);
  if (!result.success) {
    const fields = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new RpcError(CODES.invalidParams, `Invalid params: ${fields.join('; ')}`);
  }
  const given = result.data;
  checkVersion(given.version, chainId);
  if (!/^([0-9a-fA-F]{2})*$/.test(given.pubKey)) throw rejected('Cannot parse public key');
  const key = findPublicKey(given.pubKey);
  if (key === undefined) throw rejected('Invalid public key');
  const to = parseRecipient(given.toAddr);
  const signature = findSignature(given.signature);
  if (signature === undefined) throw rejected('Cannot extract signature - signature error');
  if (given.nonce === 0n) throw new RpcError(CODES.parameter, 'Invalid nonce (0)');
  const publicKey = compressed(key);
  const info: CoreInfo = {
    version: given.version,
    nonce: given.nonce,
    to,
    publicKey: bytesToHex(publicKey),
    amount: given.amount,
    gasPrice: given.gasPrice,
    gasLimit: given.gasLimit,
    code: given.code ?? '',
    data: given.data ?? '',
  };
  const message = encodeCoreInfo(info);
  if (!verifySchnorr(message, key, signature)) throw rejected('signature');
  return {
    ...info,
    id: bytesToHex(sha256(message)),
    sender: publicKeyAddress(publicKey),
    signature: given.signature.replace(/^0x/, '').toLowerCase(),
  };
}

/** Undefined for what is none of the three (zq2, transaction.rs, `get_deposit_gas`). */
export function findKind({ to, code, data }: CoreInfo): Kind | undefined {
  if (to === NO_ADDRESS) return code === '' ? undefined : 'create';
  if (code !== '') return undefined;
  return data === '' ? 'transfer' : 'call';
}

const rejected = (message: string) => new RpcError(CODES.rejected, message);

/** The upper half is the chain, the lower the format of the message, which is 1. */
function checkVersion(version: number, chainId: number): void {
  const chain = version >>> 16;
  const format = version & 0xffff;
  if (chain !== chainId) throw rejected(`unexpected chain ID, expected: ${chainId}, got: ${chain}`);
  if (format !== 1) throw rejected(`unexpected version, expected: 1, got: ${format}`);
}

/** Letter case is a checksum, Zilliqa's or Ethereum's, and is wanted. */
function parseRecipient(text: string): string {
  const address = findHex(text, 20);
  const digits = text.replace(/^0x/, '');
  if (address === undefined || ![ethereumChecksum(address), zilliqaChecksum(address)].includes(digits))
    throw new RpcError(CODES.internal, 'To Addr checksum wrong');
  return address;
}
