// @ts-check
import { createServer } from 'node:net';
import { join } from 'node:path';
import { lastLines } from './local/child.mjs';
import { onceNpmIsGone } from './local/parent.mjs';
import { portsFrom, startLocalService } from './local/service.mjs';
import { endWith } from './setup/fault.mjs';
import { checkNodeVersion } from './setup/node-version.mjs';
import { setup } from './setup.mjs';

// `npm start`: the whole service on this machine, on a local chain. DESIGN section 9.

const DEFAULT_PORT = 7400;
const log = (/** @type {string} */ line) => console.log(line);

/**
 * A whole number from the environment; anything else ends the program.
 * @param {string} name
 * @param {number} otherwise
 * @param {number} most
 */
function setting(name, otherwise, most) {
  const text = process.env[name] || String(otherwise);
  if (!/^[0-9]+$/.test(text) || Number(text) < 1 || Number(text) > most)
    end(`${name} must be a whole number from 1 to ${most}, not "${text}"`);
  return Number(text);
}

/**
 * @param {string} why
 * @returns {never}
 */
function end(why) {
  console.error(why);
  process.exit(1);
}

/**
 * The local chains to run, in the order in which they are named.
 * @returns {import('./local/service.mjs').ChainKind[]}
 */
function chainKinds() {
  const names = (process.env['CHRONOS_CHAINS'] || 'evm').split(',').map((name) => name.trim());
  const known = names.filter((name) => name === 'evm' || name === 'scilla');
  if (known.length === names.length && new Set(known).size === known.length) return known;
  end(`CHRONOS_CHAINS must be evm, scilla, or both with a comma between, not "${names.join(',')}"`);
}

/** @param {number} port */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

try {
  checkNodeVersion();
} catch (error) {
  endWith(error);
}
const firstPort = setting('CHRONOS_PORT', DEFAULT_PORT, 65_000);
const windowSeconds = setting('CHRONOS_WINDOW_SECONDS', 10, 3600);
const dataDir = process.env['CHRONOS_DATA_DIR'] || '.chronos';
const ports = portsFrom(firstPort);
const chains = chainKinds();

for (const [part, port] of Object.entries(ports)) {
  if ((part === 'chain' && !chains.includes('evm')) || (part === 'nativeChain' && !chains.includes('scilla'))) continue;
  if (await isFree(port)) continue;
  end(
    `Port ${port} (${part}) is taken: stop what uses it, or choose others, for instance CHRONOS_PORT=${firstPort + 600} npm start`,
  );
}
await setup({ log });

/** @type {import('./local/child.mjs').Child[]} */
const running = [];
let stopping = false;
/** @param {number} code */
async function stop(code) {
  if (stopping) return;
  stopping = true;
  log('Stopping …');
  for (const child of running.reverse()) await child.stop();
  process.exit(code);
}
// SIGHUP: the terminal was closed. What is then written to it fails, and must not keep the parts from being stopped.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EIO' && error.code !== 'EPIPE') throw error;
  });
}
onceNpmIsGone(() => void stop(0));

/** @type {import('./local/service.mjs').LocalService} */
const service = await startLocalService({
  ...{ dataDir, ports, windowSeconds, chains, running },
  log: (line) => stopping || log(line), // what was begun before Ctrl-C is not told after it
}).catch((error) => {
  if (stopping) return new Promise(() => undefined); // it was stopped while it started
  end(/** @type {Error} */ (error).message);
});
for (const child of [...service.chains.map((chain) => chain.child), service.anchord, service.proxy]) {
  void child.exited.then((code) => {
    if (stopping) return;
    const logFile = join(dataDir, 'logs', `${child.name}.log`);
    console.error(
      `${child.name} has ended by itself (${code === null ? 'killed by a signal' : `code ${code}`}):\n${lastLines(logFile)}`,
    );
    void stop(1);
  });
}

const names = { evm: 'eip155:31337', scilla: 'zilliqa:31337' };
const trial = `on ${chains.length > 1 ? 'local trial chains' : 'a local trial chain'} (${service.chains.map(({ kind, rpcUrl }) => `${names[kind]}, ${rpcUrl}`).join('; ')})`;
const isMoved = firstPort !== DEFAULT_PORT;
const server = isMoved ? ` --server ${service.url}` : '';
const endpoint = (/** @type {import('./local/service.mjs').LocalChain} */ { kind, rpcUrl }) =>
  chains.length > 1 ? `${names[kind]}=${rpcUrl}` : rpcUrl;
const rpc = isMoved ? service.chains.map((chain) => ` --rpc ${endpoint(chain)}`).join('') : '';
log(`
Chronos is ready: ${service.url}, windows of ${windowSeconds} s, ${trial}
  In a browser:       ${service.url}
  Stamp a file:       npx chronos stamp --wait README.md${server}
  Check it yourself:  npx chronos verify README.md${rpc}
  Read the API:       ${service.url}/docs
`);
