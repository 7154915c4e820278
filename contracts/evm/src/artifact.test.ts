import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Interface } from 'ethers';
import { compileContract } from './compile.js';
import { anchorsAbi, anchorsBytecode } from './index.js';

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

test('the checked-in artifact is what the checked-in source compiles to', () => {
  const artifact = compileContract(read('src/ChronosAnchors.sol'), 'ChronosAnchors');
  expect(read('artifact.json')).toBe(`${JSON.stringify(artifact, null, 2)}\n`);
  expect(anchorsAbi).toEqual(artifact.abi);
  expect(anchorsBytecode).toBe(artifact.bytecode);
});

test('the interface is the fixed one', () => {
  expect(new Interface(anchorsAbi).format()).toEqual([
    'constructor()',
    'error AlreadyAnchored(bytes32 root)',
    'error NoAnchors()',
    'error NotOwner()',
    'error NotPendingOwner()',
    'error TooManyAnchors(uint256 count)',
    'error ZeroRoot()',
    'event Anchored(uint64 indexed window, bytes32 indexed root, uint64 logSize, bytes32 logRoot)',
    'event OwnershipTransferRequested(address indexed newOwner)',
    'event OwnershipTransferred(address indexed newOwner)',
    'function acceptOwnership()',
    'function anchor((uint64 window, bytes32 root, uint64 logSize, bytes32 logRoot)[] anchors)',
    'function anchorCount() view returns (uint64)',
    'function anchoredAt(bytes32 root) view returns (uint64 time)',
    'function latestRoot() view returns (bytes32)',
    'function latestWindow() view returns (uint64)',
    'function owner() view returns (address)',
    'function pendingOwner() view returns (address)',
    'function transferOwnership(address newOwner)',
    'function verify(bytes32 submitted, bytes16 salt, uint64 leafIndex, uint64 treeSize, bytes32[] path) view returns (uint64 time)',
  ]);
});

test('the README names every refusal with its selector', () => {
  const readme = read('README.md');
  const errors = anchorsAbi.filter(({ type }) => type === 'error').map(({ name = '' }) => name);
  expect(errors).toHaveLength(6);
  for (const name of errors) {
    const selector = new Interface(anchorsAbi).getError(name)?.selector ?? '';
    expect(readme).toMatch(new RegExp(`${name}\\(.*${selector}`));
  }
});

test('a source with an error or a warning is not compiled', () => {
  const licence = '// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.30;\n';
  expect(() => compileContract(`${licence}contract Broken { uint64 x = "no"; }`, 'Broken')).toThrow('TypeError');
  expect(() => compileContract('pragma solidity 0.8.30; contract Unlicensed {}', 'Unlicensed')).toThrow('SPDX');
  expect(() => compileContract(`${licence}contract Other {}`, 'Wanted')).toThrow('no contract Wanted');
});
