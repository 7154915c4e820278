import { ChronosError } from '@chronos/shared';
import { Command } from 'commander';
import { parseAddress, parseNativeAddress } from '../chain/address.js';
import { openEvmOwnership } from '../chain/evm-ownership.js';
import {
  acceptOwnership,
  NOBODY,
  type OwnedContract,
  type OwnershipChange,
  transferOwnership,
} from '../chain/ownership.js';
import { openScillaOwnership } from '../chain/scilla-ownership.js';
import { openScillaWallet } from '../chain/scilla-wallet.js';
import { openWallet } from '../chain/wallet.js';
import { systemClock } from '../clock.js';
import { readOwnershipConfig, walletFilesOf } from '../config.js';
import { AS_JSON, ON_NATIVE } from './options.js';

interface Options {
  scilla?: boolean;
  json?: boolean;
}

const WAITING = { clock: systemClock };

export function transferOwnershipCommand(): Command {
  return new Command('transfer-ownership')
    .description(
      "offer the anchor contract to another account, which has to accept it; the wallet's account has to own it",
    )
    .argument('[address]', 'of the new owner: 0x… or zil1…')
    .option('--withdraw', 'withdraw an offer instead')
    .option('--scilla', ON_NATIVE)
    .option('--json', AS_JSON)
    .action(async (address: string | undefined, { withdraw = false, ...options }: Options & { withdraw?: boolean }) => {
      const newOwner = readNewOwner(address, withdraw, options.scilla === true);
      const tell = ({ owner, show }: Told) =>
        withdraw
          ? `The offer is withdrawn; ${show(owner)} owns the contract as before`
          : `Offered to ${show(newOwner)}; ${show(owner)} owns it until that is accepted
Next: with the new account's key in ${walletSetting(options)}, run "anchord accept-ownership${options.scilla ? ' --scilla' : ''}"`;
      await change(options, (contract) => transferOwnership(contract, newOwner, WAITING), tell);
    });
}

export function acceptOwnershipCommand(): Command {
  return new Command('accept-ownership')
    .description("make the wallet's account the owner of the anchor contract that was offered to it")
    .option('--scilla', ON_NATIVE)
    .option('--json', AS_JSON)
    .action(async (options: Options) => {
      const tell = ({ owner, show }: Told) => `${show(owner)} owns it now
Next: start anchord with this key in ${walletSetting(options)}; if it was paused, run "anchord admin resume"`;
      await change(options, (contract) => acceptOwnership(contract, WAITING), tell);
    });
}

type Told = OwnershipChange & Pick<OwnedContract, 'show'>;

async function change(
  { scilla, json }: Options,
  run: (contract: OwnedContract) => Promise<OwnershipChange>,
  tell: (told: Told) => string,
): Promise<void> {
  const contract = await (scilla ? openOnNative : openOnEvm)();
  try {
    if (!json)
      console.error(
        `Asking ${contract.contract} as ${contract.show(contract.account)}, and waiting until it is final …`,
      );
    const changed = await run(contract);
    const { transactionId, blockNumber } = changed;
    console.log(
      json
        ? JSON.stringify(changed)
        : `Contract ${contract.contract}
Transaction ${transactionId}, final in block ${blockNumber}
${tell({ ...changed, show: (address) => contract.show(address) })}`,
    );
  } finally {
    contract.close();
  }
}

/** Read before any chain is asked. As `0x` and lower-case hex. */
function readNewOwner(address: string | undefined, withdraw: boolean, isNative: boolean): string {
  if ((address === undefined) !== withdraw)
    throw new ChronosError('invalid_settings', 'name the address of the new owner, or --withdraw: one of the two');
  if (address === undefined) return NOBODY;
  const read = isNative ? parseNativeAddress : parseAddress;
  const newOwner = read(address, 'the address of the new owner').toLowerCase();
  if (newOwner === NOBODY)
    throw new ChronosError('invalid_settings', 'nobody has the zero address; to withdraw an offer: --withdraw');
  return newOwner;
}

async function openOnEvm(): Promise<OwnedContract> {
  const { network, evm, contract, ...config } = readOwnershipConfig('evm');
  const wallet = await openWallet(walletFilesOf(config));
  const address = parseAddress(contract, 'CHRONOS_EVM_CONTRACT');
  return openEvmOwnership({ ...evm, chain: network.evmChain, contract: address, wallet, clock: systemClock });
}

async function openOnNative(): Promise<OwnedContract> {
  const { scilla, contract } = readOwnershipConfig('scilla');
  const wallet = await openScillaWallet(walletFilesOf(scilla));
  const address = parseNativeAddress(contract, 'CHRONOS_SCILLA_CONTRACT');
  return openScillaOwnership({ ...scilla, contract: address, wallet, clock: systemClock });
}

function walletSetting({ scilla }: Options): string {
  return scilla ? 'CHRONOS_SCILLA_WALLET_FILE (or CHRONOS_WALLET_FILE)' : 'CHRONOS_WALLET_FILE';
}
