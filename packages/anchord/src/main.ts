import { Command } from 'commander';
import { ChronosError } from '@chronos/shared';
import { startAnchord } from './anchord.js';
import { deployContract } from './chain/deploy-contract.js';
import { openWallet, type Wallet } from './chain/wallet.js';
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

program
  .command('wallet')
  .description("show the addresses of the wallet's account")
  .option('--json', 'print one JSON object')
  .action(async ({ json }: { json?: boolean }) => {
    const { address, zilAddress } = await openConfiguredWallet(readDeployConfig());
    console.log(json ? JSON.stringify({ address, zilAddress }) : `${address}\n${zilAddress}`);
  });

program
  .command('deploy-contract')
  .description('deploy the anchor contract with the wallet, and print its address')
  .option('--json', 'print one JSON object')
  .action(async ({ json }: { json?: boolean }) => {
    const config = readDeployConfig();
    const { network, evm } = config;
    const wallet = await openConfiguredWallet(config);
    if (!json)
      console.error(
        `Deploying on ${network.title} (${network.evmChain}) with ${wallet.address} (${wallet.zilAddress}) …`,
      );
    const deployment = await deployContract({
      rpcUrls: evm.rpcUrls,
      chain: network.evmChain,
      maxFeeGwei: evm.maxFeeGwei,
      wallet,
      clock: systemClock,
    });
    console.log(
      json
        ? JSON.stringify(deployment)
        : `Contract ${deployment.address}\nTransaction ${deployment.transactionId}, final in block ${deployment.blockNumber}\nSet CHRONOS_EVM_CONTRACT=${deployment.address}`,
    );
  });

function openConfiguredWallet({ walletFile, walletPassphraseFile }: DeployConfig): Promise<Wallet> {
  return openWallet({
    file: walletFile,
    ...(walletPassphraseFile === undefined ? {} : { passphraseFile: walletPassphraseFile }),
  });
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
