import { Command } from 'commander';
import { startAnchord } from '../anchord.js';
import { readConfig } from '../config.js';

/** `exit` ends the process: here alone a command decides when. */
export function runCommand(exit: (code: number) => never, fail: (error: unknown) => never): Command {
  return new Command('run').description('run the daemon (the default)').action(async () => {
    const anchord = await startAnchord(readConfig(), {
      onFailure: (error) => {
        console.error(`anchord cannot go on: ${error.message}`);
        exit(1);
      },
    });
    const stop = () => {
      anchord.close().then(() => exit(0), fail);
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
}
