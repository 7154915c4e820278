// Writes artifact.json from ChronosAnchors.sol: `npm run artifact`.
import { readFileSync, writeFileSync } from 'node:fs';
import { compileContract } from './compile.js';

const source = readFileSync(new URL('../src/ChronosAnchors.sol', import.meta.url), 'utf8');
const artifact = compileContract(source, 'ChronosAnchors');
writeFileSync(new URL('../artifact.json', import.meta.url), `${JSON.stringify(artifact, null, 2)}\n`);
