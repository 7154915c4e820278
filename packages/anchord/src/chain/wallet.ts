import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ChronosError } from '@chronos/shared';
import { toBech32Address } from '@zilliqa-js/crypto';
import { computeAddress, SigningKey, Transaction, type TransactionLike, Wallet as KeystoreWallet } from 'ethers';

/** The account that pays for anchors. Its key cannot be read from it. */
export interface Wallet {
  /** `0x…`, with its EIP-55 checksum. */
  readonly address: string;
  /** The same account as Zilliqa's bech32 writes it, `zil1…`. */
  readonly zilAddress: string;
  /** The signed transaction, as `0x` and hex. */
  sign(transaction: TransactionLike): string;
}

export interface WalletFiles {
  file: string;
  passphraseFile?: string;
}

/** Opens a key file (64 hex digits) or an encrypted keystore (version 3). Throws `wallet_unusable`. */
export async function openWallet(files: WalletFiles): Promise<Wallet> {
  return walletOf(await readPrivateKey(files));
}

/** The key that a file holds, `0x` and 64 hex digits. Only wallets may ask for it, and keep it to themselves. */
export async function readPrivateKey(files: WalletFiles): Promise<string> {
  const text = (await readSecret(files.file)).trim();
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) return checked(text.startsWith('0x') ? text : `0x${text}`, files.file);
  if (!text.startsWith('{')) {
    throw unusable(`${files.file} holds neither a key of 64 hex digits nor an encrypted keystore (JSON, version 3)`);
  }
  if (files.passphraseFile === undefined) {
    throw unusable(
      `${files.file} is an encrypted keystore: name the file that holds its passphrase (CHRONOS_WALLET_PASSPHRASE_FILE, or CHRONOS_SCILLA_WALLET_PASSPHRASE_FILE for that of the native account)`,
    );
  }
  const passphrase = await readPassphrase(files.passphraseFile);
  return checked(await decrypt(text, passphrase, { ...files, passphraseFile: files.passphraseFile }), files.file);
}

/** A passphrase file's one line. */
export async function readPassphrase(file: string): Promise<string> {
  return (await readSecret(file)).replace(/\r?\n$/, '');
}

async function decrypt(
  keystore: string,
  passphrase: string,
  { file, passphraseFile }: { file: string; passphraseFile: string },
): Promise<string> {
  try {
    return (await KeystoreWallet.fromEncryptedJson(keystore, passphrase)).privateKey;
  } catch {
    // Without the cause: what a library says of a key or a passphrase is not for the log.
    throw unusable(
      `${file} cannot be opened: it is no keystore of version 3, or ${passphraseFile} is not its passphrase`,
    );
  }
}

function checked(privateKey: string, file: string): string {
  try {
    computeAddress(new SigningKey(privateKey));
    return privateKey;
  } catch {
    throw unusable(`${file} holds 64 hex digits that are no key of secp256k1`);
  }
}

/** The key lives in this closure alone, so that neither a log line, an inspection nor JSON can show it. */
function walletOf(privateKey: string): Wallet {
  const key = new SigningKey(privateKey);
  const address = computeAddress(key);
  return Object.freeze({
    address,
    zilAddress: toBech32Address(address),
    sign(unsigned: TransactionLike): string {
      const transaction = Transaction.from(unsigned);
      transaction.signature = key.sign(transaction.unsignedHash);
      return transaction.serialized;
    },
  });
}

/** Reads a file that only its owner may read. The permissions asked about are those of the file that is read, not of its name. */
async function readSecret(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw unusable(`${path} cannot be read (${String((cause as NodeJS.ErrnoException).code)})`, cause);
  }
  try {
    const { mode, uid } = await file.stat();
    if (process.platform !== 'win32') {
      if ((mode & 0o077) !== 0)
        throw unusable(`${path} can be read or written by others than its owner: run "chmod 600 ${path}"`);
      await refuseForeign(path, uid);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** In a folder that others may write to, or of another owner, the file could be exchanged for another. A link is followed. */
async function refuseForeign(path: string, uid: number): Promise<void> {
  const own = process.geteuid?.() ?? 0;
  if (own !== 0 && uid !== own && uid !== 0)
    throw unusable(
      `${path} belongs to another user (${uid}), who can read it: make it a file of the user that anchord runs as`,
    );
  for (const folder of new Set([dirname(path), dirname(await realpath(path))])) {
    const { mode } = await stat(folder);
    const isSticky = (mode & 0o1000) !== 0; // as /tmp: others cannot exchange what is not theirs
    if ((mode & 0o022) !== 0 && !isSticky)
      throw unusable(
        `${folder}, the folder of ${path}, can be written by others than its owner: run "chmod go-w ${folder}"`,
      );
  }
}

function unusable(message: string, cause?: unknown): ChronosError {
  return new ChronosError('wallet_unusable', message, {}, cause);
}
