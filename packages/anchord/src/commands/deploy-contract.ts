import { Command } from 'commander';
import { deployContract } from '../chain/deploy-contract.js';
import { deployScillaContract } from '../chain/deploy-scilla-contract.js';
import { openScillaWallet } from '../chain/scilla-wallet.js';
import type { Deployment } from '../chain/wait-until-final.js';
import { openWallet } from '../chain/wallet.js';
import { systemClock } from '../clock.js';
import { type DeployConfig, readDeployConfig, walletFilesOf } from '../config.js';
import { AS_JSON, ON_NATIVE } from './options.js';

export function deployContractCommand(): Command {
  return new Command('deploy-contract')
    .description('deploy the anchor contract with the wallet, and print its address')
    .option('--scilla', ON_NATIVE)
    .option('--json', AS_JSON)
    .action(async ({ json, scilla }: { json?: boolean; scilla?: boolean }) => {
      const deployment = await (scilla ? deployOnNative : deployOnEvm)(readDeployConfig(), (line) => {
        if (!json) console.error(line);
      });
      const setting = scilla ? 'CHRONOS_SCILLA_CONTRACT' : 'CHRONOS_EVM_CONTRACT';
      const { address, transactionId, blockNumber } = deployment;
      console.log(
        json
          ? JSON.stringify(deployment)
          : `Contract ${address}\nTransaction ${transactionId}, final in block ${blockNumber}\nSet ${setting}=${address}`,
      );
    });
}

async function deployOnEvm(config: DeployConfig, tell: (line: string) => void): Promise<Deployment> {
  const { network, evm } = config;
  const wallet = await openWallet(walletFilesOf(config));
  tell(`Deploying on ${network.title} (${network.evmChain}) with ${wallet.address} (${wallet.zilAddress}) …`);
  return deployContract({ ...evm, chain: network.evmChain, wallet, clock: systemClock });
}

async function deployOnNative({ scilla }: DeployConfig, tell: (line: string) => void): Promise<Deployment> {
  const wallet = await openScillaWallet(walletFilesOf(scilla));
  tell(`Deploying on ${scilla.chain} with ${wallet.zilAddress} (${wallet.address}) …`);
  return deployScillaContract({ ...scilla, wallet, clock: systemClock });
}
