// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopModules } from './children.mjs';

/** One run of the bench: its folder, its processes, its digests, and what it has found so far. */
export class Run {
  /** Of the digests: see digests.mjs. */
  key = randomBytes(32).toString('hex');
  /** The number of the next digest that nobody has sent yet. */
  next = 0;
  /** What must not happen and did. @type {string[]} */
  problems = [];
  /** @type {import('../local/child.mjs').Child[]} */
  running = [];
  /** In MB, of all services of this run. @type {Record<string, number>} */
  peakMemory = {};

  /** @param {import('./options.mjs').Options} options */
  constructor(options) {
    this.options = options;
    const parent = process.env['CHRONOS_DATA_DIR'] || tmpdir();
    mkdirSync(parent, { recursive: true });
    const { bavail, bsize } = statfsSync(parent);
    const [free, wanted] = [bavail * bsize, options.freeBytes].map((bytes) => (bytes / 1e9).toFixed(1));
    if (bavail * bsize < options.freeBytes)
      throw new Error(
        `${parent} has ${free} GB free, the stores want ${wanted}: set CHRONOS_DATA_DIR, or take --quick`,
      );
    this.folder = mkdtempSync(join(parent, 'chronos-bench-'));
  }

  /** @param {string} line */
  log(line) {
    console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  }

  /** @param {string} line */
  problem(line) {
    this.problems.push(line);
    this.log(`!! ${line}`);
  }

  /** Ends all that runs and removes the folder. */
  async close() {
    await stopModules();
    for (const child of this.running.splice(0).reverse()) await child.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
