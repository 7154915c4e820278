// @ts-check
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from './fault.mjs';
import { buildPage } from './page.mjs';
import { root, run } from './run.mjs';

/** Compiles and bundles what has changed; `tsc -b` finds out in a third of a second that nothing has. */
export async function build() {
  for (const folder of projects()) removeStaleOutput(folder);
  const { code, output } = await run(process.execPath, [
    join('node_modules', 'typescript', 'bin', 'tsc'),
    '-b',
    ...pretty(),
  ]);
  if (code !== 0) throw new Fault('The build failed; what the compiler said stands above.', { output });
  await buildPage();
}

export const pretty = () => (process.stdout.isTTY ? ['--pretty'] : []);

/** The folders that the root tsconfig.json refers to. */
function projects() {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  /** @type {string[]} */
  const paths = references.map((/** @type {{ path: string }} */ { path }) => path);
  return paths.filter((path) => !path.endsWith('.json')).map((path) => join(root, path));
}

/**
 * Deletes from `dist` what was compiled from sources that are gone: tsc leaves it there, and the test of a deleted file would
 * go on running. Everything that tsc writes here has a declaration beside it, so a bundle or an asset is left alone.
 *
 * @param {string} folder of one project: `src` and `dist` below it
 */
export function removeStaleOutput(folder) {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) return;
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.d.ts')) continue;
    const module = path.slice(0, -'.d.ts'.length);
    if (['.ts', '.tsx'].some((suffix) => existsSync(join(folder, 'src', module + suffix)))) continue;
    for (const suffix of ['.js', '.js.map', '.d.ts', '.d.ts.map']) rmSync(join(dist, module + suffix), { force: true });
  }
}
