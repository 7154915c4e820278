import { Command } from 'commander';
import { ChronosError } from '@chronos/shared';
import { inZil } from '../chain/chain.js';
import { createEvmChain } from '../chain/evm-chain.js';
import { makeWallet, type NewWalletOptions } from '../chain/new-wallet.js';
import { createScillaChain } from '../chain/scilla-chain.js';
import { openScillaWallet } from '../chain/scilla-wallet.js';
import { openWallet, type WalletFiles } from '../chain/wallet.js';
import { readDeployConfig, readPassphraseFile, walletFilesOf } from '../config.js';
import { AS_JSON, ON_NATIVE, refuseUnknown } from './options.js';

interface Options {
  json?: boolean;
  scilla?: boolean;
}

/** No contract is asked when only the account is looked at. */
const NO_CONTRACT = `0x${'0'.repeat(40)}`;

export function walletCommand(): Command {
  return new Command('wallet')
    .description('the account that pays for anchors: make one, show its addresses and what it holds')
    .addCommand(addressCommand(), { isDefault: true })
    .addCommand(balanceCommand())
    .addCommand(newCommand());
}

function addressCommand(): Command {
  return new Command('address')
    .description("show the addresses of the wallet's account (the default)")
    .option('--scilla', ON_NATIVE)
    .option('--json', AS_JSON)
    .allowExcessArguments()
    .action(async ({ json, scilla }: Options, command: Command) => {
      refuseUnknown(command);
      const config = readDeployConfig();
      const { address, zilAddress } = await (scilla
        ? openScillaWallet(walletFilesOf(config.scilla))
        : openWallet(walletFilesOf(config)));
      console.log(json ? JSON.stringify({ address, zilAddress }) : `${address}\n${zilAddress}`);
    });
}

function balanceCommand(): Command {
  return new Command('balance')
    .description('ask the chain what the account holds, and how many anchors that pays for at the present fee')
    .option('--scilla', ON_NATIVE)
    .option('--json', AS_JSON)
    .action(async ({ json, scilla }: Options) => {
      const { network, evm, scilla: native, ...wallet } = readDeployConfig();
      const chain = scilla
        ? createScillaChain({
            ...native,
            contract: NO_CONTRACT,
            wallet: await openScillaWallet(walletFilesOf(native)),
          })
        : createEvmChain({
            ...evm,
            chain: network.evmChain,
            contract: NO_CONTRACT,
            wallet: await openWallet(walletFilesOf(wallet)),
          });
      try {
        const { balance, anchorsAffordable } = await chain.health();
        const zil = inZil(balance, chain.decimals);
        const account = { chain: chain.chain, account: chain.account };
        console.log(
          json
            ? JSON.stringify({ ...account, balance: balance.toString(), zil, anchorsAffordable })
            : `${chain.account} holds ${zil} ZIL on ${chain.chain}, which pays for ${anchorsAffordable} anchors at the present fee`,
        );
      } finally {
        chain.close();
      }
    });
}

interface NewOptions {
  newPassphrase?: string;
  plain?: boolean;
  json?: boolean;
}

function newCommand(): Command {
  return new Command('new')
    .description('make a key, in a file of mode 600: an encrypted keystore (version 3), unless told otherwise')
    .argument('<file>', 'the file to make; one that is there is never replaced')
    .option(
      '--new-passphrase <file>',
      'make a passphrase too, in this file; without it CHRONOS_WALLET_PASSPHRASE_FILE is taken',
    )
    .option('--plain', 'not encrypted: 64 hex digits, which whoever reads the file can use')
    .option('--json', AS_JSON)
    .action(async (file: string, { newPassphrase, plain = false, json }: NewOptions) => {
      const encryption = encryptionOf(newPassphrase, plain);
      await makeWallet({ file, encryption });
      const files: WalletFiles = {
        file,
        ...(encryption.kind === 'keystore' ? { passphraseFile: encryption.passphraseFile } : {}),
      };
      // Opened again as anchord will open it: what cannot be used is told now.
      const [evm, native] = [await openWallet(files), await openScillaWallet(files)];
      const addresses = {
        evm: { address: evm.address, zilAddress: evm.zilAddress },
        native: { address: native.address, zilAddress: native.zilAddress },
      };
      console.log(
        json
          ? JSON.stringify({ ...files, ...addresses })
          : [
              `Made ${file}; set CHRONOS_WALLET_FILE=${file}`,
              ...(files.passphraseFile === undefined
                ? []
                : [
                    `Its passphrase is in ${files.passphraseFile}; set CHRONOS_WALLET_PASSPHRASE_FILE=${files.passphraseFile}`,
                  ]),
              `Account on the EVM: ${evm.address} (${evm.zilAddress})`,
              `Account on the native side: ${native.address} (${native.zilAddress})`,
            ].join('\n'),
      );
    });
}

function encryptionOf(newPassphrase: string | undefined, plain: boolean): NewWalletOptions['encryption'] {
  if (plain && newPassphrase !== undefined)
    throw new ChronosError('invalid_settings', '--plain takes no passphrase: leave one of the two');
  if (plain) return { kind: 'plain' };
  const passphraseFile = newPassphrase ?? readPassphraseFile();
  if (passphraseFile === undefined) {
    throw new ChronosError(
      'invalid_settings',
      'name the file of a passphrase (CHRONOS_WALLET_PASSPHRASE_FILE), or have one made: --new-passphrase FILE',
    );
  }
  return { kind: 'keystore', passphraseFile, makePassphrase: newPassphrase !== undefined };
}
