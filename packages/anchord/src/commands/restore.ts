import { Command } from 'commander';
import { systemClock } from '../clock.js';
import { readStoreConfig } from '../config.js';
import { restoreStore } from '../upkeep/restore.js';
import { AS_JSON } from './options.js';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('put a backup in the place of the store, after a look at every digest of it; anchord is stopped')
    .argument('<backup>', 'a file that anchord backup made')
    .option('--force', 'move a store that stands there aside')
    .option('--json', AS_JSON)
    .action((backup: string, { force = false, json }: { force?: boolean; json?: boolean }) => {
      const { dataDir } = readStoreConfig();
      const report = restoreStore({ backup, folder: dataDir, force, clock: systemClock });
      const { digests, windows, logSize, backupMadeAt, movedTo, folder } = report;
      const lines = [
        `Restored into ${folder}: ${digests} digests in ${windows} windows, as of ${backupMadeAt}`,
        ...(movedTo === undefined ? [] : [`The store that stood there is in ${movedTo}`]),
        'Digests acknowledged after that are unknown: whoever has no proof of one has to send it again.',
        `The log of windows goes on from ${logSize}: that it agrees with larger sizes given out before cannot be shown.`,
        'Start anchord: what was anchored meanwhile is found on the chain and not paid for again.',
      ];
      console.log(json ? JSON.stringify(report) : lines.join('\n'));
    });
}
