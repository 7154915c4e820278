// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from './fault.mjs';

/**
 * What node-gyp compiles better-sqlite3 with; each name is followed by the commands that would do, the environment's
 * own choice first.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {[string, (string | undefined)[]][]}
 */
const tools = (env) => [
  ['Python 3', [env.npm_config_python, env.PYTHON, 'python3', 'python']],
  ['make', [env.MAKE, 'make', 'gmake']],
  ['a C++ compiler', [env.CXX, 'g++', 'clang++']],
];

/** @param {(command: string) => boolean} works @param {NodeJS.ProcessEnv} env */
export function missingTools(works, env) {
  return tools(env)
    .filter(([, commands]) => !commands.some((command) => command && works(command)))
    .map(([name]) => name);
}

export function checkToolChain() {
  // On Windows node-gyp looks for Visual Studio by itself, and says so when there is none.
  if (process.platform === 'win32') return;
  const missing = missingTools(answers, process.env);
  if (missing.length === 0) return;
  throw new Fault(
    `SQLite is compiled during set-up, and this machine lacks ${missing.join(', ')}: install with ` +
      '`apt-get install python3 make g++` (Debian, Ubuntu), `dnf install python3 make gcc-c++` (Fedora) or ' +
      '`xcode-select --install` (macOS), and run this again.',
  );
}

/** The environment in which better-sqlite3 is compiled from the sources that the lockfile vouches for. */
export function compileEnvironment() {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env };
  // Without this a ready-made binary is fetched first, from outside the registry and with no checksum to hold it to.
  env.npm_config_build_from_source = 'better-sqlite3';
  const headers = ownHeaders();
  if (headers) env.npm_config_nodedir = headers;
  // make's own default is g++, even where clang++ is all there is.
  if (!env.CXX && !answers('g++') && answers('clang++')) Object.assign(env, { CC: 'clang', CXX: 'clang++' });
  return env;
}

/**
 * The folder whose `include/node` came with this very Node, if it did. node-gyp would fetch the headers from the network,
 * or take those of another Node that the machine's settings point at: what that compiles does not load.
 */
function ownHeaders() {
  const prefix = dirname(dirname(process.execPath));
  const file = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const version = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]);
  return version.join('.') === process.versions.node ? prefix : undefined;
}

/** @param {string} command */
function answers(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}
