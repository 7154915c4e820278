// @ts-check
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Fault } from './fault.mjs';
import { root, run } from './run.mjs';
import { checkToolChain, compileEnvironment } from './tool-chain.mjs';
import { installFingerprint, pinnedPnpm } from './workspace.mjs';

const stamp = join(root, 'node_modules', '.chronos-install');

export function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === installFingerprint();
}

/** @param {(line: string) => void} log */
export async function install(log) {
  const fingerprint = installFingerprint();
  // An install that is broken off must not pass for the one before it.
  rmSync(stamp, { force: true });
  if (!(await addonLoads())) checkToolChain();

  await pnpm(['install', '--frozen-lockfile', '--config.confirm-modules-purge=false'], log);
  // pnpm finds "already up to date" what was compiled for another Node.
  if (!(await addonLoads())) await pnpm(['rebuild', '--recursive', 'better-sqlite3'], log);
  if (!(await addonLoads())) throw new Fault('better-sqlite3 was compiled, yet this Node cannot load it.');

  writeFileSync(stamp, fingerprint);
}

/**
 * @param {readonly string[]} args
 * @param {(line: string) => void} log
 */
async function pnpm(args, log) {
  let compiling = false;
  const { code, output } = await run('npx', ['--yes', `pnpm@${pinnedPnpm()}`, ...args], {
    env: {
      ...compileEnvironment(),
      // The default waits 10 s and then a minute before it owns that the registry is out of reach.
      npm_config_fetch_retry_mintimeout: '1000',
      npm_config_fetch_retry_maxtimeout: '5000',
    },
    onOutput: (text) => {
      if (compiling || !/better-sqlite3 install:/.test(text)) return;
      compiling = true;
      log(`  compiling SQLite for Node ${process.versions.node}, which takes about a minute …`);
    },
  });
  if (code !== 0) throw faultOf(output);
}

/** @param {string} output of a pnpm that failed */
export function faultOf(output) {
  const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT/.exec(output);
  // What the compiling wants from the network are Node's headers; that is another host.
  if (unreachable && !output.includes('gyp ERR!')) {
    return new Fault(
      `The npm registry cannot be reached (${unreachable[0]}): installing the packages needs the network.`,
    );
  }
  if (output.includes('ERR_PNPM_OUTDATED_LOCKFILE')) {
    return new Fault(
      `pnpm-lock.yaml does not fit the package.json files: run \`npx pnpm@${pinnedPnpm()} install\` and commit the lockfile.`,
    );
  }
  return new Fault('Installing the packages failed; what pnpm said stands above.', { output });
}

/** In a process of its own: an addon for another ABI may do worse than throw. */
async function addonLoads() {
  const anchord = createRequire(join(root, 'packages', 'anchord', 'package.json'));
  /** @type {string} */
  let entry;
  try {
    entry = anchord.resolve('better-sqlite3');
  } catch {
    return false;
  }
  const { code } = await run(process.execPath, ['-e', `new (require(process.argv[1]))(':memory:')`, entry]);
  return code === 0;
}
