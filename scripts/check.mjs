// @ts-check
import { join } from 'node:path';
import { pretty } from './setup/build.mjs';
import { endWith } from './setup/fault.mjs';
import { run } from './setup/run.mjs';
import { setup } from './setup.mjs';

/** @param {...string} path below node_modules */
const tool = (...path) => join('node_modules', ...path);
const tsc = tool('typescript', 'bin', 'tsc');
// ESLint's cache goes by the file that is linted, not by the types it imports: a fresh clone has the last word.
const cache = (/** @type {string} */ name) => ['--cache', '--cache-location', tool('.cache', `check-${name}`)];

/** @typedef {{ ok: boolean, line: string }} Outcome */

/**
 * @param {string} name
 * @param {readonly string[]} args of Node
 * @returns {Promise<Outcome>}
 */
async function check(name, args) {
  const start = performance.now();
  const { code, output } = await run(process.execPath, args);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (code !== 0) process.stdout.write(`\n${output.trim()}\n`);
  return { ok: code === 0, line: `${code === 0 ? 'ok    ' : 'FAULTS'}  ${name} (${seconds} s)` };
}

const format = () =>
  check('format: prettier', [tool('prettier', 'bin', 'prettier.cjs'), '--check', '.', ...cache('prettier')]);
const types = () => check('types: tsc -b', [tsc, '-b', ...pretty()]);
const scripts = () => check('types of the scripts: tsc', [tsc, '-p', 'scripts', ...pretty()]);
const lint = () =>
  check('lint: eslint', [tool('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0', ...cache('eslint')]);
const boundaries = () =>
  check('cycles and boundaries: dependency-cruiser', [
    tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
    ...['packages', 'contracts', 'test', '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long'],
  ]);

/** Lint and boundaries see the other packages through what tsc wrote, as far as it got. */
async function typesAndAfter() {
  return [await types(), ...(await Promise.all([scripts(), boundaries(), lint()]))];
}

await setup({ log: (line) => console.log(line), compile: false });
console.log('Checking …');
try {
  const outcomes = (await Promise.all([format(), typesAndAfter()])).flat();
  console.log(`\n${outcomes.map(({ line }) => line).join('\n')}`);
  process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  endWith(error);
}
