import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { encryptKeystoreJson, Transaction } from 'ethers';
import { ANVIL_KEYS } from '../test-support/anvil.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { openWallet } from './wallet.js';

const [KEY] = ANVIL_KEYS;
const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

let temporary: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  temporary = temporaryFolder();
});
afterEach(() => {
  temporary.remove();
});

function secret(name: string, text: string, mode = 0o600): string {
  const file = join(temporary.folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe('a key file', () => {
  test.each([
    ['digits alone', KEY],
    ['0x and a line end', `0x${KEY}\n`],
    ['upper case', KEY.toUpperCase()],
  ])('%s opens', async (_name, text) => {
    const wallet = await openWallet({ file: secret('key', text) });
    expect(wallet.address).toBe(ADDRESS);
    expect(wallet.zilAddress).toBe('zil17w0adeg64ky0daxwd2ugyuneellmjgnx46jhdl');
  });

  test.each([
    ['of too few digits', KEY.slice(2), 'holds neither a key'],
    ['that is empty', '', 'holds neither a key'],
    ['of zero', '0'.repeat(64), 'no key of secp256k1'],
    ['beyond the curve', 'f'.repeat(64), 'no key of secp256k1'],
  ])('%s is refused', async (_name, text, message) => {
    const opening = openWallet({ file: secret('key', text) });
    await expect(opening).rejects.toMatchObject({ code: 'wallet_unusable', message: expect.stringContaining(message) });
  });

  test.each([0o640, 0o604, 0o660])(
    'that others may use (mode %o) is refused, with the command that helps',
    async (mode) => {
      const file = secret('key', KEY, mode);
      const message = expect.stringContaining(`chmod 600 ${file}`);
      await expect(openWallet({ file })).rejects.toMatchObject({ code: 'wallet_unusable', message });
    },
  );

  test('that is missing is refused by name', async () => {
    const file = join(temporary.folder, 'none');
    const message = `${file} cannot be read (ENOENT)`;
    await expect(openWallet({ file })).rejects.toMatchObject({ code: 'wallet_unusable', message });
  });
});

describe('a keystore', () => {
  const keystore = () =>
    encryptKeystoreJson({ address: ADDRESS, privateKey: `0x${KEY}` }, 'a passphrase ', { scrypt: { N: 1024 } });

  test('opens with the passphrase of a file, whose line end is not part of it', async () => {
    const passphraseFile = secret('passphrase', 'a passphrase \n');
    const wallet = await openWallet({ file: secret('keystore', await keystore()), passphraseFile });
    expect(wallet.address).toBe(ADDRESS);
  });

  test('is refused with another passphrase, one that others may read, or none', async () => {
    const file = secret('keystore', await keystore());
    const refusal = (message: string) => ({ code: 'wallet_unusable', message: expect.stringContaining(message) });
    const wrong = { file, passphraseFile: secret('wrong', 'another') };
    await expect(openWallet(wrong)).rejects.toMatchObject(refusal('is not its passphrase'));
    const open = { file, passphraseFile: secret('open', 'a passphrase ', 0o644) };
    await expect(openWallet(open)).rejects.toMatchObject(refusal('chmod 600'));
    await expect(openWallet({ file })).rejects.toMatchObject(refusal('name the file that holds its passphrase'));
  });

  test('that is no keystore is refused without showing what it is', async () => {
    const files = { file: secret('keystore', `{"key":"${KEY}"}`), passphraseFile: secret('passphrase', 'x') };
    const error: unknown = await openWallet(files).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'wallet_unusable' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  });
});

test('the key does not show, however the wallet is looked at', async () => {
  const wallet = await openWallet({ file: secret('key', KEY) });
  const looks = [
    JSON.stringify(wallet),
    inspect(wallet, { depth: 9, showHidden: true, getters: true }),
    Object.entries(wallet).join(),
    Reflect.ownKeys(wallet).join(),
    String(wallet.sign),
  ];
  expect(looks.join().toLowerCase()).not.toContain(KEY.slice(0, 16));
  expect(JSON.parse(JSON.stringify(wallet))).toEqual({ address: ADDRESS, zilAddress: wallet.zilAddress });
});

test('what it signs is of its address, for the chain that it names', async () => {
  const wallet = await openWallet({ file: secret('key', KEY) });
  const signed = wallet.sign({ type: 2, chainId: 32769, nonce: 3, to: ADDRESS, gasLimit: 21_000, maxFeePerGas: 9 });
  expect(Transaction.from(signed)).toMatchObject({ from: ADDRESS, nonce: 3, chainId: 32769n });
});
