// @ts-check
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../setup/run.mjs';
import { rpc } from './chain.mjs';

const ANCHORD = join(root, 'packages', 'anchord', 'bin', 'anchord.js');
/** A thousand ZIL: some three thousand anchors. */
const FUNDS = `0x${(1000n * 10n ** 18n).toString(16)}`;

/**
 * Makes sure that the wallet has funds on the local chain and that the contract is there.
 *
 * @param {{ dataDir: string, rpcUrl: string, env: Record<string, string>, log: (line: string) => void }} options
 * @returns {Promise<string>} the contract's address
 */
export async function prepareContract({ dataDir, rpcUrl, env, log }) {
  const run = promisify(execFile);
  const wallet = /** @type {{ address: string }} */ (
    JSON.parse((await run(process.execPath, [ANCHORD, 'wallet', '--json'], { env: { ...process.env, ...env } })).stdout)
  );
  await rpc(rpcUrl, 'anvil_setBalance', [wallet.address, FUNDS]);
  const file = join(dataDir, 'contract.json');
  if (existsSync(file)) {
    const { address } = /** @type {{ address: string }} */ (JSON.parse(readFileSync(file, 'utf8')));
    if ((await rpc(rpcUrl, 'eth_getCode', [address, 'latest'])) !== '0x') return address;
    log(
      'The local chain has lost its state: earlier local proofs will not verify any more. Deploying the contract anew.',
    );
    // anchord has signed nonces that this chain has not seen, and would wait for it to come to them: it goes on above them all.
    await rpc(rpcUrl, 'anvil_setNonce', [wallet.address, `0x${Math.floor(Date.now() / 1000).toString(16)}`]);
  }
  log('Deploying the anchor contract …');
  const { stdout } = await run(process.execPath, [ANCHORD, 'deploy-contract', '--json'], {
    env: { ...process.env, ...env },
  });
  writeFileSync(file, stdout);
  return /** @type {{ address: string }} */ (JSON.parse(stdout)).address;
}
