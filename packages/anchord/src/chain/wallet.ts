import type { TransactionLike } from 'ethers';

/** The account that pays for anchors. Its key cannot be read from it. */
export interface Wallet {
  /** `0x…`, with its EIP-55 checksum. */
  readonly address: string;
  /** The same account as Zilliqa's bech32 writes it, `zil1…`. */
  readonly zilAddress: string;
  /** The signed transaction, as `0x` and hex. */
  sign(transaction: TransactionLike<string>): string;
}

/** Opens a key file (64 hex digits) or an encrypted keystore (version 3). Throws `wallet_unusable`. */
export function openWallet(_files: { file: string; passphraseFile?: string }): Promise<Wallet> {
  throw new Error('not written yet');
}
