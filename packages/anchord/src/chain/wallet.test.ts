import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { computeAddress, encryptKeystoreJson, getAddress, Transaction } from 'ethers';
import { ANVIL_KEYS } from '../test-support/anvil.js';
import { temporaryFolder } from '../test-support/temporary.js';
import { makeWallet } from './new-wallet.js';
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

describe('the folder of a key file', () => {
  test('that others may write to is refused, were the file reached by a link', async () => {
    const open = join(temporary.folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const file = secret(join('open', 'key'), KEY);
    const message = expect.stringContaining(`chmod go-w ${open}`);
    await expect(openWallet({ file })).rejects.toMatchObject({ code: 'wallet_unusable', message });
    const link = join(temporary.folder, 'link');
    symlinkSync(file, link);
    await expect(openWallet({ file: link })).rejects.toMatchObject({ code: 'wallet_unusable', message });
    chmodSync(open, 0o1777);
    expect(await openWallet({ file: link })).toMatchObject({ address: ADDRESS });
  });

  test('a link does not hide the mode of the file that it names', async () => {
    const link = join(temporary.folder, 'link');
    symlinkSync(secret('key', KEY, 0o644), link);
    await expect(openWallet({ file: link })).rejects.toMatchObject({ message: expect.stringContaining('chmod 600') });
  });
});

describe('a new wallet', () => {
  const path = (name: string) => join(temporary.folder, name);

  test('is an encrypted keystore that opens with its passphrase, both for their owner alone', async () => {
    const encryption = { kind: 'keystore', passphraseFile: path('passphrase'), makePassphrase: true } as const;
    await makeWallet({ file: path('wallet'), encryption });
    const wallet = await openWallet({ file: path('wallet'), passphraseFile: path('passphrase') });
    const keystore = JSON.parse(readFileSync(path('wallet'), 'utf8')) as object;
    expect(keystore).toMatchObject({ version: 3, address: wallet.address.slice(2).toLowerCase() });
    for (const name of ['wallet', 'passphrase']) expect(statSync(path(name)).mode & 0o777).toBe(0o600);
    await makeWallet({ file: path('other'), encryption: { ...encryption, makePassphrase: false } });
    const other = await openWallet({ file: path('other'), passphraseFile: path('passphrase') });
    expect(other.address).not.toBe(wallet.address);
  }, 60_000);

  test('is plain when told so', async () => {
    await makeWallet({ file: path('wallet'), encryption: { kind: 'plain' } });
    expect(readFileSync(path('wallet'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(await openWallet({ file: path('wallet') })).toMatchObject({ address: expect.stringMatching(/^0x/) });
  });

  test('replaces neither a key nor a passphrase', async () => {
    const file = secret('wallet', KEY);
    const refusal = { code: 'wallet_unusable', message: expect.stringContaining('is not replaced') };
    await expect(makeWallet({ file, encryption: { kind: 'plain' } })).rejects.toMatchObject(refusal);
    const encryption = { kind: 'keystore', passphraseFile: file, makePassphrase: true } as const;
    await expect(makeWallet({ file: path('new'), encryption })).rejects.toMatchObject(refusal);
    expect(readFileSync(file, 'utf8')).toBe(KEY);
  });
});

describe('a keystore', () => {
  const keystore = () =>
    encryptKeystoreJson({ address: ADDRESS, privateKey: `0x${KEY}` }, 'a passphrase ', { scrypt: { N: 1024 } });

  // The Web3 Secret Storage Definition's vector, and a keystore as geth writes it. (The definition's other vector has scrypt parameters that
  // RFC 7914 rules out, N of 2^18 for r = 1, and OpenSSL refuses them as ethers does.)
  test.each([
    {
      name: 'of the standard, pbkdf2',
      passphrase: 'testpassword',
      address: computeAddress('0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'),
      crypto: {
        kdf: 'pbkdf2',
        kdfparams: {
          ...{ c: 262144, dklen: 32, prf: 'hmac-sha256' },
          salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
        },
        cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
        ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
        mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
      },
    },
    {
      name: 'of geth, scrypt',
      passphrase: 'foobar',
      address: getAddress('0x7ef5a6135f1fd6a02593eedc869c6d41d934aef8'),
      crypto: {
        kdf: 'scrypt',
        kdfparams: {
          ...{ dklen: 32, n: 8, p: 16, r: 8 },
          salt: 'e5e6ef3f4ea695f496b643ebd3f75c0aa58ef4070e90c80c5d3fb0241bf1595c',
        },
        cipherparams: { iv: '8df6caa7ff1b00c4e871f002cb7921ed' },
        ciphertext: '1d0839166e7a15b9c1333fc865d69858b22df26815ccf601b28219b6192974e1',
        mac: '6d16dfde774845e4585357f24bce530528bc69f4f84e1e22880d34fa45c273e5',
      },
    },
  ])(
    '$name opens',
    async ({ passphrase, address, crypto }) => {
      const id = '3198bc9c-6672-5ab3-d995-4942343ae5b6';
      const file = secret('standard', JSON.stringify({ crypto: { cipher: 'aes-128-ctr', ...crypto }, id, version: 3 }));
      expect(await openWallet({ file, passphraseFile: secret('passphrase', passphrase) })).toMatchObject({ address });
    },
    60_000,
  );

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
