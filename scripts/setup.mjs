// @ts-check
import { build } from './setup/build.mjs';
import { endWith } from './setup/fault.mjs';
import { install, isInstalled } from './setup/install.mjs';
import { checkNodeVersion } from './setup/node-version.mjs';

/**
 * Brings a clone to where it can run: the Node is new enough, the packages are installed, the code is compiled. What stands
 * already is not done again. A fault is told on stderr and ends this process.
 *
 * @param {{ log: (line: string) => void, compile?: boolean }} options `compile: false` stops before the build
 * @returns {Promise<void>}
 */
export async function setup({ log, compile = true }) {
  try {
    checkNodeVersion();
    if (!isInstalled()) await step('Installing the packages', log, () => install(log));
    if (compile) await step('Building', log, build);
  } catch (error) {
    endWith(error);
  }
}

/**
 * @param {string} name
 * @param {(line: string) => void} log
 * @param {() => Promise<void>} work
 */
async function step(name, log, work) {
  const start = performance.now();
  log(`${name} …`);
  await work();
  log(`  done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
