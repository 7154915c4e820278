import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AnchorsContract, mined, openTestChain, type TestChain, type VerifyArguments } from './testing/chain.js';
import { leafHash, pathLength, rootFromPath, sha256 } from './testing/tree.js';
import { type ProofCase, proofCases, windowTrees } from './testing/vectors.js';

let chain: TestChain;
let contract: AnchorsContract;
let anchoredTime: bigint;

const hex = (value: string): string => `0x${value}`;
const blindedRoot = proofCases.find(({ proof }) => proof.blinding !== undefined)?.proof.inclusion?.root ?? '';
const roots = [...windowTrees.map(({ root }) => root), blindedRoot].map(hex);

async function anchorRoots(toAnchor: readonly string[]): Promise<bigint> {
  const anchors = toAnchor.map((root, nth) => ({ window: nth, root, logSize: nth + 1, logRoot: sha256(root) }));
  const receipt = await mined(contract.anchor(anchors));
  return BigInt((await receipt.getBlock()).timestamp);
}

beforeAll(async () => {
  chain = await openTestChain();
  contract = await chain.deployAnchors();
  anchoredTime = await anchorRoots(roots);
});
afterAll(() => chain.close());

/** Every proof of window-trees.json. */
const goodProofs = windowTrees.flatMap(({ size, digests, salts, proofs }) =>
  proofs.map(
    ({ leafIndex, path }) =>
      [hex(digests[leafIndex] ?? ''), hex(salts[leafIndex] ?? ''), leafIndex, size, path.map(hex)] as VerifyArguments,
  ),
);

test('every proof of the vector trees holds', async () => {
  expect(goodProofs).toHaveLength(91);
  const times = await Promise.all(goodProofs.map((proof) => contract.verify(...proof)));
  expect(times).toEqual(goodProofs.map(() => anchoredTime));
});

test('a proof whose root nobody anchored does not hold', async () => {
  const fresh = await chain.deployAnchors();
  const times = await Promise.all(goodProofs.map((proof) => fresh.verify(...proof)));
  expect(times).toEqual(goodProofs.map(() => 0n));
});

describe('the vector proofs', () => {
  // What a file states beside these arguments (its root, its log, its format) is not for the contract to judge; and what
  // makes a file malformed may be a value that cannot be encoded, or one that is merely wrong or right.
  const answers: Record<string, 'holds' | 'fails' | 'cannot be encoded'> = {
    ok: 'holds',
    log_mismatch: 'holds',
    pending: 'holds',
    unsupported_format: 'holds',
    digest_mismatch: 'fails',
    path_mismatch: 'fails',
    'root replaced': 'holds',
    'upper-case hex': 'fails',
    'hex with 0x': 'holds',
    'salt too short': 'cannot be encoded',
    'leaf index is a string': 'holds',
    'leaf index negative': 'cannot be encoded',
    'leaf index fractional': 'cannot be encoded',
    'path is not a list': 'cannot be encoded',
    'path of a thousand elements': 'fails',
  };
  const included = proofCases.filter(({ proof }) => proof.inclusion !== undefined);

  test('are as many as there should be', () => {
    expect(included).toHaveLength(46);
  });

  test.each(included.map((proofCase) => ({ proofCase, title: `${proofCase.expect}, ${proofCase.name}` })))(
    '$title',
    async ({ proofCase }) => {
      const answer = answers[proofCase.name] ?? answers[proofCase.expect];
      const proof = argumentsOf(proofCase);
      const encode = () => contract.interface.encodeFunctionData('verify', proof);
      if (answer === 'cannot be encoded') expect(encode).toThrow('INVALID_ARGUMENT');
      else expect(await contract.verify(...proof)).toBe(answer === 'holds' ? anchoredTime : 0n);
    },
  );
});

function argumentsOf({ digest, proof }: ProofCase): VerifyArguments {
  const { leafIndex, treeSize, path } = proof.inclusion ?? { leafIndex: 0, treeSize: 0, path: [] };
  const submitted = proof.blinding === undefined ? hex(digest) : sha256(hex(digest), hex(proof.blinding));
  return [submitted, hex(proof.salt), leafIndex, treeSize, Array.isArray(path) ? path.map(hex) : path];
}

test('a blinded digest holds only as it was submitted', async () => {
  const blinded = proofCases.find(({ proof }) => proof.blinding !== undefined) as ProofCase;
  const [submitted, ...rest] = argumentsOf(blinded);
  expect(await contract.verify(submitted, ...rest)).toBe(anchoredTime);
  expect(await contract.verify(hex(blinded.digest), ...rest)).toBe(0n);
});

const flipBit = (value: string, bit: number): string =>
  `0x${(BigInt(value) ^ (1n << BigInt(bit))).toString(16).padStart(value.length - 2, '0')}`;

const anyProof = fc.constantFrom(...goodProofs);

test('a proof with one bit of its digest, salt, path or leaf index changed does not hold', async () => {
  const field = fc.constantFrom('submitted', 'salt', 'leafIndex', 'path');
  await fc.assert(
    fc.asyncProperty(anyProof, field, fc.nat(), async (proof, changed, choice) => {
      const [submitted, salt, leafIndex, treeSize, path] = proof;
      fc.pre(changed !== 'path' || path.length > 0);
      const forged: VerifyArguments = {
        submitted: [flipBit(submitted, choice % 256), salt, leafIndex, treeSize, path] satisfies VerifyArguments,
        salt: [submitted, flipBit(salt, choice % 128), leafIndex, treeSize, path] satisfies VerifyArguments,
        leafIndex: [
          submitted,
          salt,
          BigInt(leafIndex) ^ (1n << BigInt(choice % 64)),
          treeSize,
          path,
        ] satisfies VerifyArguments,
        path: [
          submitted,
          salt,
          leafIndex,
          treeSize,
          path.map((sibling, nth) => (nth === choice % path.length ? flipBit(sibling, choice % 256) : sibling)),
        ] satisfies VerifyArguments,
      }[changed];
      expect(await contract.verify(...forged)).toBe(0n);
    }),
    { numRuns: 300 },
  );
});

test('a proof with another tree size holds only where its path takes the same turns', async () => {
  await fc.assert(
    fc.asyncProperty(anyProof, fc.nat(63), async ([submitted, salt, leafIndex, treeSize, path], bit) => {
      const otherSize = BigInt(treeSize) ^ (1n << BigInt(bit));
      const root = rootFromPath(leafHash(submitted, salt), BigInt(leafIndex), otherSize, path);
      const expected = root !== undefined && roots.includes(root) ? anchoredTime : 0n;
      expect(await contract.verify(submitted, salt, leafIndex, otherSize, path)).toBe(expected);
    }),
    { numRuns: 200 },
  );
});

test('a root does not commit to its tree’s size: the first of three leaves is as good as the first of four', async () => {
  const proof = goodProofs.find(([, , leafIndex, treeSize]) => leafIndex === 0 && treeSize === 3) as VerifyArguments;
  const [submitted, salt, leafIndex, , path] = proof;
  const ask = (treeSize: number) => contract.verify(submitted, salt, leafIndex, treeSize, path);
  expect(await Promise.all([0, 1, 2, 3, 4, 5].map(ask))).toEqual([0n, 0n, 0n, anchoredTime, anchoredTime, 0n]);
});

test('a path longer than its tree is high fails, even where it leads to an anchored root', async () => {
  // The last of two leaves, called the only one: folding the path regardless would give the true root.
  const [submitted, salt, , , path] = goodProofs.find(
    ([, , index, size]) => index === 1 && size === 2,
  ) as VerifyArguments;
  expect(await contract.verify(submitted, salt, 1, 2, path)).toBe(anchoredTime);
  expect(await contract.verify(submitted, salt, 0, 1, path)).toBe(0n);
});

test('trees of any size to 2^64 - 1 are walked as RFC 9162 defines them, and no path may be longer or shorter', async () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex);
  const leaf = fc
    .bigInt({ min: 1n, max: 2n ** 64n - 1n })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.bigInt({ min: 0n, max: size - 1n }) }))
    .chain(({ size, index }) =>
      fc.record({
        submitted: bytes(32),
        salt: bytes(16),
        index: fc.constant(index),
        size: fc.constant(size),
        path: fc.array(bytes(32), { minLength: pathLength(index, size), maxLength: pathLength(index, size) }),
      }),
    )
    .map((proof) => ({ ...proof, root: rootOf(proof) }));

  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(leaf, { minLength: 1, maxLength: 24, selector: ({ root }) => root }),
      async (all) => {
        const snapshot = (await chain.provider.send('evm_snapshot', [])) as string;
        const time = await anchorRoots(all.map(({ root }) => root));
        for (const { submitted, salt, index, size, path } of all) {
          const ask = (asked: readonly string[]) => contract.verify(submitted, salt, index, size, asked);
          expect(await ask(path)).toBe(time);
          expect(await ask([...path, submitted])).toBe(0n);
          if (path.length > 0) expect(await ask(path.slice(0, -1))).toBe(0n);
        }
        await chain.provider.send('evm_revert', [snapshot]);
      },
    ),
    { numRuns: 10 },
  );
});

const toHex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

function rootOf(proof: { submitted: string; salt: string; index: bigint; size: bigint; path: string[] }): string {
  const root = rootFromPath(leafHash(proof.submitted, proof.salt), proof.index, proof.size, proof.path);
  if (root === undefined) throw new Error(`no path of ${String(proof.path.length)} for this leaf`);
  return root;
}
