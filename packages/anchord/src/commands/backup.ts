import { Command } from 'commander';
import { systemClock } from '../clock.js';
import { readStoreConfig } from '../config.js';
import { storeFileIn } from '../store/store.js';
import { backupStore } from '../upkeep/backup.js';
import { AS_JSON } from './options.js';

export function backupCommand(): Command {
  return new Command('backup')
    .description('copy the store into a file, checked and whole, while anchord runs or not')
    .argument('<file>', 'the backup; not in the folder of the store')
    .option('--force', 'replace a file that stands there')
    .option('--json', AS_JSON)
    .action(async (file: string, { force = false, json }: { force?: boolean; json?: boolean }) => {
      const { dataDir } = readStoreConfig();
      const report = await backupStore({
        ...{ storeFile: storeFileIn(dataDir), target: file, force, clock: systemClock },
        onProgress: (copied, total) => {
          if (process.stderr.isTTY)
            process.stderr.write(`\r${Math.floor((100 * copied) / Math.max(total, 1))} % copied `);
        },
      });
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      const { digests, windows, finalWindows, bytes, madeAt } = report;
      console.log(
        json
          ? JSON.stringify(report)
          : `Backed up to ${report.file}: ${digests} digests in ${windows} windows, ${finalWindows} of them final, as of ${madeAt} (${bytes} bytes)`,
      );
    });
}
