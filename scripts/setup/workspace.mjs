// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** @param {string} path below the root */
const read = (path) => readFileSync(join(root, path), 'utf8');

/** The version of pnpm that package.json pins. */
export function pinnedPnpm() {
  const pinned = /^pnpm@(\d+\.\d+\.\d+)/.exec(JSON.parse(read('package.json')).packageManager);
  if (!pinned?.[1]) throw new Error('package.json names no pnpm version in "packageManager"');
  return pinned[1];
}

/** Every package.json of the workspace, below the root. */
function manifests() {
  const folders = [...read('pnpm-workspace.yaml').split(/^(?=\w)/m)]
    .filter((section) => section.startsWith('packages:'))
    .flatMap((section) => [...section.matchAll(/^ +- (\S+)$/gm)].map(([, pattern = '']) => pattern))
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -'/*'.length);
      return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
    });
  return ['.', ...folders]
    .map((folder) => `${folder}/package.json`)
    .filter((path) => existsSync(join(root, path)))
    .sort();
}

/**
 * Stands for all that decides what an install leaves behind: the lockfile, the manifests and settings, and the Node whose
 * ABI the compiled addon has to fit.
 */
export function installFingerprint() {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([process.versions.modules, process.platform, process.arch]));
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) {
    hash.update(JSON.stringify([path, read(path)]));
  }
  return hash.digest('hex');
}
