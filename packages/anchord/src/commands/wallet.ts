import { Command } from 'commander';
import { openScillaWallet } from '../chain/scilla-wallet.js';
import { openWallet } from '../chain/wallet.js';
import { readDeployConfig, walletFilesOf } from '../config.js';
import { ON_NATIVE } from './options.js';

export function walletCommand(): Command {
  return new Command('wallet')
    .description("show the addresses of the wallet's account")
    .option('--scilla', ON_NATIVE)
    .option('--json', 'print one JSON object')
    .action(async ({ json, scilla }: { json?: boolean; scilla?: boolean }) => {
      const config = readDeployConfig();
      const { address, zilAddress } = await (scilla
        ? openScillaWallet(walletFilesOf(config.scilla))
        : openWallet(walletFilesOf(config)));
      console.log(json ? JSON.stringify({ address, zilAddress }) : `${address}\n${zilAddress}`);
    });
}
