import { readFileSync } from 'node:fs';
import type { ContractArtifact } from './artifact.js';

export type { AbiEntry, AbiParameter } from './artifact.js';

const artifact = JSON.parse(readFileSync(new URL('../artifact.json', import.meta.url), 'utf8')) as ContractArtifact;

/** The ABI of ChronosAnchors, its custom errors included. */
export const anchorsAbi = artifact.abi;

/** The bytecode that deploys ChronosAnchors: `0x` and hex. The constructor takes nothing; who deploys is the owner. */
export const anchorsBytecode = artifact.bytecode;
