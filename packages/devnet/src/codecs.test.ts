import { describe, expect, test } from '@jest/globals';
import {
  BN,
  Contracts,
  getAddressFromPrivateKey,
  getPubKeyFromPrivateKey,
  Long,
  schnorr,
  toBech32Address,
  toChecksumAddress,
  util,
  Zilliqa,
} from '@zilliqa-js/zilliqa';
import fc from 'fast-check';
import { contractAddress, ethereumChecksum, findAddress, publicKeyAddress, zilliqaChecksum } from './address.js';
import { findZilAddress } from './bech32.js';
import { encodeCoreInfo } from './core-info.js';
import { bytesToHex, hexToBytes } from './hex.js';
import { findPublicKey, findSignature, verifySchnorr } from './schnorr.js';

// zilliqa-js is what these are held to: none of it is in what they test.

const hexOf = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(bytesToHex);
const privateKey = hexOf(32).filter((hex) => findSignature(`${hex}${'1'.padStart(64, '0')}`) !== undefined);

// ASCII: of other text zilliqa-js signs the low bytes of its UTF-16, which no node does.
// Nonces beyond 32 bits it encodes wrongly.
test('the core info is encoded as zilliqa-js encodes it', () => {
  fc.assert(
    fc.property(
      fc.record({
        version: fc.integer({ min: 1, max: 0xffffffff }),
        nonce: fc.integer({ min: 1, max: 0xffff_ffff }),
        to: hexOf(20),
        publicKey: hexOf(32).map((hex) => `02${hex}`),
        amount: fc.bigInt(0n, (1n << 128n) - 1n),
        gasPrice: fc.bigInt(0n, (1n << 128n) - 1n),
        gasLimit: fc.bigInt(1n, (1n << 63n) - 1n),
        code: fc.string({ unit: 'binary-ascii', maxLength: 300 }),
        data: fc.string({ unit: 'binary-ascii', maxLength: 300 }),
      }),
      (info) => {
        const theirs = util.encodeTransactionProto({
          ...info,
          toAddr: info.to,
          pubKey: info.publicKey,
          amount: new BN(info.amount.toString()),
          gasPrice: new BN(info.gasPrice.toString()),
          gasLimit: Long.fromString(info.gasLimit.toString()),
        });
        expect(bytesToHex(encodeCoreInfo({ ...info, nonce: BigInt(info.nonce) }))).toBe(theirs.toString('hex'));
      },
    ),
  );
});

describe('Schnorr', () => {
  const signed = fc.tuple(privateKey, fc.uint8Array({ maxLength: 200 })).map(([key, message]) => {
    const publicKey = getPubKeyFromPrivateKey(key);
    const { r, s } = schnorr.sign(Buffer.from(message), Buffer.from(key, 'hex'), Buffer.from(publicKey, 'hex'));
    const signature = [r, s].map((half) => half.toString('hex', 64) as string).join('');
    return { message, publicKey: findPublicKey(publicKey)!, signature };
  });

  test('every signature of zilliqa-js holds, and none with a bit changed, nor for another message', () => {
    fc.assert(
      fc.property(signed, fc.nat(511), ({ message, publicKey, signature }, bit) => {
        expect(verifySchnorr(message, publicKey, findSignature(signature)!)).toBe(true);
        const bytes = hexToBytes(signature);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const changed = findSignature(bytesToHex(bytes));
        if (changed !== undefined) expect(verifySchnorr(message, publicKey, changed)).toBe(false);
        expect(verifySchnorr(Uint8Array.of(...message, 0), publicKey, findSignature(signature)!)).toBe(false);
      }),
      { numRuns: 5 },
    );
  });

  test('a half that is zero, or not below the order, is no signature', () => {
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
    const one = '1'.padStart(64, '0');
    for (const half of ['0'.repeat(64), order]) {
      expect(findSignature(half + one)).toBeUndefined();
      expect(findSignature(one + half)).toBeUndefined();
    }
    expect(findSignature(one)).toBeUndefined();
  });
});

describe('addresses', () => {
  test('of keys, in both letter cases and as zil1…, are those of zilliqa-js', () => {
    fc.assert(
      fc.property(privateKey, (key) => {
        const address = publicKeyAddress(hexToBytes(getPubKeyFromPrivateKey(key)));
        expect(`0x${address}`).toBe(getAddressFromPrivateKey(key).toLowerCase());
        expect(`0x${zilliqaChecksum(address)}`).toBe(toChecksumAddress(address));
        expect(findAddress(toBech32Address(address))).toBe(address);
        expect(findAddress(toChecksumAddress(address))).toBe(address);
      }),
      { numRuns: 5 },
    );
  });

  test('of contracts are those of zilliqa-js', () => {
    fc.assert(
      fc.property(hexOf(20), fc.integer({ min: 1, max: 0xffff_ffff }), (sender, nonce) => {
        const transaction = new Zilliqa('http://127.0.0.1').transactions.new({
          version: 1,
          toAddr: `0x${'0'.repeat(40)}`,
          amount: new BN(0),
          gasPrice: new BN(0),
          gasLimit: Long.fromNumber(1),
          nonce,
        });
        Object.defineProperty(transaction, 'senderAddress', { value: sender });
        expect(contractAddress(sender, BigInt(nonce))).toBe(
          Contracts.getAddressForContract(transaction).replace(/^0x/, '').toLowerCase(),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('EIP-55 as in its own examples', () => {
    for (const address of ['5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'])
      expect(ethereumChecksum(address.toLowerCase())).toBe(address);
  });

  test.each([
    'zil1',
    'zil1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq',
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    '0x1234',
    'g'.repeat(40),
  ])('%s is none', (text) => {
    expect(findAddress(text)).toBeUndefined();
  });

  test('a zil1… address with a letter changed is none', () => {
    const address = toBech32Address('11'.repeat(20));
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 41 }),
        fc.constantFrom(...Array.from('qpzry9x8gf2tvdw0s3jn54khce6mua7l')),
        (at, letter) => {
          const changed = address.slice(0, at) + letter + address.slice(at + 1);
          if (changed !== address) expect(findZilAddress(changed)).toBeUndefined();
        },
      ),
    );
  });
});
