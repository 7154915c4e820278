import { getAddressFromPublicKey, schnorr, toBech32Address } from '@zilliqa-js/crypto';
import * as zilliqaJs from '@zilliqa-js/zilliqa';
import { plainAddress } from '@chronos/shared';
import { z } from 'zod';
import { readPrivateKey, type WalletFiles } from './wallet.js';

/** A transaction of the native side before it is signed. All is ASCII: the library signs one byte a character. */
export interface UnsignedNative {
  /** The native chain's id; the signature is good on this chain only. */
  chainId: number;
  /** `0x` and 40 hex digits; undefined deploys `code`. */
  to?: string;
  nonce: bigint;
  gasPriceQa: bigint;
  gasLimit: bigint;
  code?: string;
  /** The transition and its parameters, or a new contract's init parameters. */
  data: unknown;
}

export interface SignedNative {
  /** 64 hex digits: the SHA-256 of what is signed, which is the id that the chain gives it, known before anybody else knows of it. */
  transactionId: string;
  /** The one parameter of `CreateTransaction`, as JSON. */
  parameter: string;
  /** Where `code` comes to stand: `0x` and lower-case hex. */
  contract: string;
}

/** The account that pays on the native side. Its key cannot be read from it. */
export interface ScillaWallet {
  /** `0x` and lower-case hex. The same key has another address on the EVM. */
  readonly address: string;
  /** The same account, `zil1…`. */
  readonly zilAddress: string;
  sign(transaction: UnsignedNative): SignedNative;
}

const { Account, Contracts, toChecksumAddress, Zilliqa } = zilliqaJs;
/** The library's numbers come without types. */
const { BN, Long } = zilliqaJs as unknown as {
  BN: new (decimal: string) => object;
  Long: { fromString(decimal: string): zilliqaJs.TxParams['gasLimit'] };
};

const NOBODY = `0x${'0'.repeat(40)}`;

/**
 * For building transactions alone. Its own calls are not used: they set no time-out, take a refusal for an answer and a rate limit for
 * "not yet". It connects to nothing by itself.
 */
const library = new Zilliqa('http://127.0.0.1:9');

/** Opens the same kinds of files as `openWallet`. Throws `wallet_unusable`. */
export async function openScillaWallet(files: WalletFiles): Promise<ScillaWallet> {
  return walletOf(await readPrivateKey(files));
}

/** The key lives in this closure alone, so that neither a log line, an inspection nor JSON can show it. */
function walletOf(privateKey: string): ScillaWallet {
  const account = new Account(privateKey);
  return Object.freeze({
    address: account.address.toLowerCase(),
    zilAddress: account.bech32Address,
    sign({ chainId, to = NOBODY, nonce, gasPriceQa, gasLimit, code = '', data }: UnsignedNative): SignedNative {
      const transaction = library.transactions.new({
        version: chainId * 2 ** 16 + 1,
        toAddr: toChecksumAddress(to),
        amount: new BN('0'),
        gasPrice: new BN(gasPriceQa.toString()),
        gasLimit: Long.fromString(gasLimit.toString()),
        nonce: Number(nonce),
        pubKey: account.publicKey,
        code,
        data: JSON.stringify(data),
      });
      const signature = account.signTransaction(transaction.bytes);
      const { receipt: _, ...payload } = transaction.payload;
      return {
        transactionId: transaction.hash,
        parameter: JSON.stringify({ ...payload, signature, priority: false }),
        contract: Contracts.getAddressForContract(transaction).toLowerCase(),
      };
    },
  });
}

/** Exactly what is written above: a key that was changed by a bit is not taken for one that others may add. */
const signedSchema = z.strictObject({
  version: z.int().positive(),
  toAddr: z.string(),
  amount: z.string(),
  gasPrice: z.string(),
  gasLimit: z.string(),
  nonce: z.int().positive(),
  pubKey: z.string(),
  code: z.string(),
  data: z.string(),
  signature: z.string().regex(/^[0-9a-f]{128}$/),
  priority: z.literal(false),
});

/** What a `parameter` that was signed here says by itself. Throws where it is none, or its signature does not hold. */
export function readSignedNative(parameter: string) {
  const { version, toAddr, amount, gasPrice, gasLimit, nonce, pubKey, code, data, signature } = signedSchema.parse(
    JSON.parse(parameter),
  );
  const transaction = library.transactions.new({
    ...{ version, nonce, pubKey, code, data, toAddr: toChecksumAddress(toAddr) },
    ...{ amount: new BN(amount), gasPrice: new BN(gasPrice), gasLimit: Long.fromString(gasLimit) },
  });
  if (!schnorr.verify(transaction.bytes, schnorr.toSignature(signature), Buffer.from(pubKey, 'hex'))) {
    throw new Error('its signature does not hold');
  }
  return {
    chain: `zilliqa:${Math.floor(version / 2 ** 16)}`,
    transactionId: transaction.hash,
    account: toBech32Address(getAddressFromPublicKey(pubKey)),
    contract: `0x${plainAddress(toAddr)}`,
    nonce: BigInt(nonce),
    data,
  };
}
