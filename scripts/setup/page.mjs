// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Fault } from './fault.mjs';
import { root, run } from './run.mjs';

const web = join(root, 'packages', 'web');
const stamp = join(web, 'dist', '.page-built-from');

/** Bundles the page into `packages/web/dist/page`, unless it was built from these very files. Comes after `tsc`, for it bundles what that wrote of `shared`. */
export async function buildPage() {
  const fingerprint = pageFingerprint();
  const isBuilt = existsSync(join(web, 'dist', 'page', 'index.html')) && existsSync(stamp);
  if (isBuilt && readFileSync(stamp, 'utf8') === fingerprint) return;
  // A build that is broken off must not pass for a whole one.
  rmSync(stamp, { force: true });
  const vite = join(web, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code, output } = await run(process.execPath, [vite, 'build', web, '--config', join(web, 'vite.config.mjs')]);
  if (code !== 0) throw new Fault('The page could not be bundled; what Vite said stands above.', { output });
  writeFileSync(stamp, fingerprint);
}

/** Stands for all that the page is made from: its own files, what tsc wrote of `shared` and `certificate`, and the packages. */
function pageFingerprint() {
  const hash = createHash('sha256');
  const add = (/** @type {string} */ path) =>
    hash.update(JSON.stringify([path, readFileSync(join(root, path), 'base64')]));
  add('pnpm-lock.yaml');
  for (const folder of ['packages/web', 'packages/shared/dist', 'packages/certificate/dist']) {
    const paths = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(root.length + 1)
          .split(sep)
          .join('/'),
      )
      .filter((path) => !/^packages\/web\/(dist|node_modules)\/|\.test\.tsx?$|\.(map|d\.ts|tsbuildinfo)$/.test(path));
    for (const path of paths.sort()) add(path);
  }
  return hash.digest('hex');
}

if (process.argv[1] === import.meta.filename) await buildPage();
