import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { ChronosError } from '@chronos/shared';
import { encryptKeystoreJson, SigningKey, computeAddress } from 'ethers';
import { readPassphrase } from './wallet.js';

export interface NewWalletOptions {
  file: string;
  /** `plain`: 64 hex digits, which whoever can read the file can use. */
  encryption: { kind: 'plain' } | { kind: 'keystore'; passphraseFile: string; makePassphrase: boolean };
}

/** Makes a key and writes it to a file of its own, mode 600. Nothing that stands there is replaced. Throws `wallet_unusable`. */
export async function makeWallet({ file, encryption }: NewWalletOptions): Promise<void> {
  const privateKey = newPrivateKey();
  if (encryption.kind === 'plain') return writeSecret(file, `${privateKey.slice(2)}\n`);
  const { passphraseFile, makePassphrase } = encryption;
  // The passphrase first: a keystore that nobody can open would be a trap.
  if (makePassphrase) await writeSecret(passphraseFile, `${randomBytes(24).toString('base64url')}\n`);
  const passphrase = await readPassphrase(passphraseFile);
  if (passphrase === '') throw unusable(`${passphraseFile} is empty: put a passphrase there`);
  const address = computeAddress(privateKey);
  await writeSecret(file, `${await encryptKeystoreJson({ address, privateKey }, passphrase)}\n`);
}

function newPrivateKey(): string {
  for (;;) {
    const key = `0x${randomBytes(32).toString('hex')}`;
    try {
      return new SigningKey(key).privateKey;
    } catch (error) {
      // Not a number of the curve: once in 2^128.
      if (!(error instanceof Error)) throw error;
    }
  }
}

async function writeSecret(file: string, text: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'wx', 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw unusable(
      code === 'EEXIST'
        ? `${file} is there already, and is not replaced: choose another name`
        : `${file} cannot be written (${String(code)})`,
      cause,
    );
  }
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unusable(message: string, cause?: unknown): ChronosError {
  return new ChronosError('wallet_unusable', message, {}, cause);
}
