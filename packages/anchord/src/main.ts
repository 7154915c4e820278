import { Command } from 'commander';
import { ChronosError } from '@chronos/shared';
import { startAnchord } from './anchord.js';
import { deployContract } from './chain/deploy-contract.js';
import { deployScillaContract } from './chain/deploy-scilla-contract.js';
import { openScillaWallet } from './chain/scilla-wallet.js';
import type { Deployment } from './chain/wait-until-deployed.js';
import { openWallet, type WalletFiles } from './chain/wallet.js';
import { systemClock } from './clock.js';
import { type DeployConfig, readConfig, readDeployConfig } from './config.js';
import { VERSION } from './version.js';

const program = new Command('anchord')
  .description(
    'The daemon of Chronos: collects digests, closes windows, anchors their roots. Settings are CHRONOS_… variables; see docs/operations.md.',
  )
  .version(VERSION);

program
  .command('run', { isDefault: true })
  .description('run the daemon (the default)')
  .action(async () => {
    const anchord = await startAnchord(readConfig(), {
      onFailure: (error) => {
        console.error(`anchord cannot go on: ${error.message}`);
        process.exit(1);
      },
    });
    const stop = () => {
      anchord.close().then(() => process.exit(0), fail);
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });

const ON_NATIVE = "on Zilliqa's native side (Scilla)";

program
  .command('wallet')
  .description("show the addresses of the wallet's account")
  .option('--scilla', ON_NATIVE)
  .option('--json', 'print one JSON object')
  .action(async ({ json, scilla }: { json?: boolean; scilla?: boolean }) => {
    const config = readDeployConfig();
    const { address, zilAddress } = await (scilla
      ? openScillaWallet(filesOf(config.scilla))
      : openWallet(filesOf(config)));
    console.log(json ? JSON.stringify({ address, zilAddress }) : `${address}\n${zilAddress}`);
  });

program
  .command('deploy-contract')
  .description('deploy the anchor contract with the wallet, and print its address')
  .option('--scilla', ON_NATIVE)
  .option('--json', 'print one JSON object')
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

async function deployOnEvm(config: DeployConfig, tell: (line: string) => void): Promise<Deployment> {
  const { network, evm } = config;
  const wallet = await openWallet(filesOf(config));
  tell(`Deploying on ${network.title} (${network.evmChain}) with ${wallet.address} (${wallet.zilAddress}) …`);
  return deployContract({ ...evm, chain: network.evmChain, wallet, clock: systemClock });
}

async function deployOnNative({ scilla }: DeployConfig, tell: (line: string) => void): Promise<Deployment> {
  const wallet = await openScillaWallet(filesOf(scilla));
  tell(`Deploying on ${scilla.chain} with ${wallet.zilAddress} (${wallet.address}) …`);
  return deployScillaContract({ ...scilla, wallet, clock: systemClock });
}

function filesOf({
  walletFile,
  walletPassphraseFile,
}: Pick<DeployConfig, 'walletFile' | 'walletPassphraseFile'>): WalletFiles {
  return { file: walletFile, ...(walletPassphraseFile === undefined ? {} : { passphraseFile: walletPassphraseFile }) };
}

/** Faults of settings, store and wallet are told in their own words; anything else is a fault of the program. */
function fail(error: unknown): never {
  if (error instanceof ChronosError)
    console.error(
      error.message
        .split('\n')
        .map((line) => `anchord: ${line}`)
        .join('\n'),
    );
  else console.error(error);
  process.exit(1);
}

program.parseAsync().catch(fail);
