import { Command } from 'commander';
import { ChronosError } from '@chronos/shared';
import { adminCommand } from './commands/admin.js';
import { backupCommand } from './commands/backup.js';
import { deployContractCommand } from './commands/deploy-contract.js';
import { exportCommand } from './commands/export.js';
import { fsckCommand } from './commands/fsck.js';
import { acceptOwnershipCommand, transferOwnershipCommand } from './commands/ownership.js';
import { restoreCommand } from './commands/restore.js';
import { runCommand } from './commands/run.js';
import { walletCommand } from './commands/wallet.js';
import { VERSION } from './version.js';

const exit = (code: number): never => process.exit(code);

/** Faults of settings, store and wallet are told in their own words; anything else is a fault of the program. */
function fail(error: unknown, code = 1): never {
  if (error instanceof ChronosError)
    console.error(
      error.message
        .split('\n')
        .map((line) => `anchord: ${line}`)
        .join('\n'),
    );
  else console.error(error);
  return exit(code);
}

// Each command stands in a file of its own in commands/.
new Command('anchord')
  .description(
    'The daemon of Chronos: collects digests, closes windows, anchors their roots. Settings are CHRONOS_… variables; see docs/operations.md.',
  )
  .version(VERSION)
  .addCommand(runCommand(exit, fail), { isDefault: true })
  .addCommand(walletCommand())
  .addCommand(deployContractCommand())
  .addCommand(transferOwnershipCommand())
  .addCommand(acceptOwnershipCommand())
  .addCommand(backupCommand())
  .addCommand(restoreCommand())
  .addCommand(exportCommand())
  .addCommand(adminCommand(exit))
  .addCommand(fsckCommand(fail))
  .parseAsync()
  .catch((error: unknown) => fail(error));
