// @ts-check
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startChild, untilReady } from './child.mjs';

/** The chain id of trial chains: its proofs cannot pass for real ones. */
export const LOCAL_CHAIN_ID = 31337;

/**
 * Starts a local EVM node: a block a second, final two blocks later, its state kept in a file.
 *
 * @param {{ dataDir: string, port: number, running: import('./child.mjs').Child[] }} options the chain joins `running` before it is ready
 * @returns {Promise<{ child: import('./child.mjs').Child, rpcUrl: string }>}
 */
export async function startChain({ dataDir, port, running }) {
  const logFile = join(dataDir, 'logs', 'chain.log');
  const rpcUrl = `http://127.0.0.1:${port}`;
  const child = startChild({
    name: 'chain',
    command: nodeBinary(),
    // prettier-ignore
    args: [
      '--host', '127.0.0.1', '--port', String(port), '--chain-id', String(LOCAL_CHAIN_ID), '--accounts', '0',
      '--block-time', '1', '--slots-in-an-epoch', '1', '--state', join(dataDir, 'chain.json'), '--state-interval', '20', '--quiet',
    ],
    logFile,
  });
  running.push(child);
  await untilReady(
    child,
    logFile,
    async () => (await rpc(rpcUrl, 'eth_chainId', [])) === `0x${LOCAL_CHAIN_ID.toString(16)}`,
  );
  return { child, rpcUrl };
}

/** The node's own binary: its wrapper does not pass signals on, so the state would not be saved. */
function nodeBinary() {
  const packageName = `@foundry-rs/anvil-${process.platform === 'win32' ? 'win32' : process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
  const manifest = createRequire(wrapper).resolve(`${packageName}/package.json`);
  return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
}

/**
 * @param {string} url
 * @param {string} method
 * @param {unknown[]} params
 * @returns {Promise<unknown>} the result
 */
export async function rpc(url, method, params) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(5_000),
  });
  const { result, error } = /** @type {{ result?: unknown, error?: { message: string } }} */ (await response.json());
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}
