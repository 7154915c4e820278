// @ts-check
import { join } from 'node:path';
import { root } from '../setup/run.mjs';
import { rpc } from './chain.mjs';
import { startChild, untilReady } from './child.mjs';

/**
 * Starts a local chain of Zilliqa's native side: a block a second, its state kept in a file.
 *
 * @param {{ dataDir: string, port: number, running: import('./child.mjs').Child[] }} options the chain joins `running` before it is ready
 * @returns {Promise<{ child: import('./child.mjs').Child, rpcUrl: string }>}
 */
export async function startNativeChain({ dataDir, port, running }) {
  const name = 'native-chain';
  const logFile = join(dataDir, 'logs', `${name}.log`);
  const rpcUrl = `http://127.0.0.1:${port}`;
  const child = startChild({
    name,
    command: process.execPath,
    args: [
      join(root, 'packages', 'devnet', 'bin', 'chronos-devnet.js'),
      ...['--port', String(port), '--state', join(dataDir, 'native-chain.json')],
    ],
    logFile,
  });
  running.push(child);
  await untilReady(child, logFile, async () => (await rpc(rpcUrl, 'GetNetworkId', [])) === '31337');
  return { child, rpcUrl };
}
