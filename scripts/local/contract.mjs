// @ts-check
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../setup/run.mjs';
import { rpc } from './chain.mjs';

const ANCHORD = join(root, 'packages', 'anchord', 'bin', 'anchord.js');
const LOST_STATE =
  'has lost its state: earlier local proofs will not verify any more on it. Deploying the contract anew.';

/**
 * What differs between the kinds of chain. Accounts get a thousand ZIL, some three thousand anchors.
 *
 * @typedef {object} Kind
 * @property {string[]} flags of anchord's commands
 * @property {string} file that keeps the contract's address
 * @property {(rpcUrl: string, account: string) => Promise<unknown>} fund
 * @property {(rpcUrl: string, contract: string) => Promise<boolean>} isThere
 * @property {(rpcUrl: string, account: string) => Promise<unknown>} startAnew after the chain has lost its state
 */

/** @type {Record<'evm' | 'scilla', Kind>} */
const KINDS = {
  evm: {
    flags: [],
    file: 'contract.json',
    fund: (rpcUrl, account) => rpc(rpcUrl, 'anvil_setBalance', [account, `0x${(1000n * 10n ** 18n).toString(16)}`]),
    isThere: async (rpcUrl, contract) => (await rpc(rpcUrl, 'eth_getCode', [contract, 'latest'])) !== '0x',
    // anchord has signed nonces that this chain has not seen, and would wait for it to come to them: it goes on above them all.
    startAnew: (rpcUrl, account) =>
      rpc(rpcUrl, 'anvil_setNonce', [account, `0x${Math.floor(Date.now() / 1000).toString(16)}`]),
  },
  scilla: {
    flags: ['--scilla'],
    file: 'scilla-contract.json',
    fund: (rpcUrl, account) => rpc(rpcUrl, 'devnet_fund', [account, String(1000n * 10n ** 12n)]),
    isThere: (rpcUrl, contract) =>
      rpc(rpcUrl, 'GetSmartContractInit', [contract.replace(/^0x/, '')]).then(
        () => true,
        () => false,
      ),
    startAnew: () => Promise.resolve(),
  },
};

/**
 * Makes sure that the wallet has funds on a local chain and that the contract is there.
 *
 * @param {'evm' | 'scilla'} kindName
 * @param {{ dataDir: string, rpcUrl: string, env: Record<string, string>, log: (line: string) => void }} options
 * @returns {Promise<string>} the contract's address
 */
export async function prepareContract(kindName, { dataDir, rpcUrl, env, log }) {
  const kind = KINDS[kindName];
  const anchord = async (/** @type {string} */ command) => {
    const args = [ANCHORD, command, ...kind.flags, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
    return /** @type {{ address: string }} */ (JSON.parse(stdout));
  };
  const { address: account } = await anchord('wallet');
  await kind.fund(rpcUrl, account);
  const file = join(dataDir, kind.file);
  if (existsSync(file)) {
    const { address } = /** @type {{ address: string }} */ (JSON.parse(readFileSync(file, 'utf8')));
    if (await kind.isThere(rpcUrl, address)) return address;
    log(`The local chain (${kindName}) ${LOST_STATE}`);
    await kind.startAnew(rpcUrl, account);
  }
  log(`Deploying the anchor contract (${kindName}) …`);
  const deployment = await anchord('deploy-contract');
  writeFileSync(file, JSON.stringify(deployment));
  return deployment.address;
}
