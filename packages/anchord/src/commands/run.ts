import { Command } from 'commander';
import { startAnchord } from '../anchord.js';
import { readConfig } from '../config.js';
import { refuseUnknown } from './options.js';

/** `exit` ends the process: here alone a command decides when. */
export function runCommand(exit: (code: number) => never, fail: (error: unknown) => never): Command {
  const run = new Command('run').description('run the daemon (the default)').allowExcessArguments();
  return run.action(async () => {
    refuseUnknown(run);
    // Before anything is started, for a signal may come at any moment. Until anchord is up nothing was accepted, and all it does can be cut off.
    let stop = (): void => {
      console.error('anchord was stopped before it was up');
      exit(0);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        stop();
      });
    }
    process.on('uncaughtException', (error) => {
      // Whatever it was doing is as after a power cut: the next start takes it up.
      console.error(`anchord cannot go on, for a fault of the program: ${error.stack ?? error.message}`);
      exit(1);
    });
    const anchord = await startAnchord(readConfig(), {
      onFailure: (error) => {
        console.error(`anchord cannot go on: ${error.message}`);
        exit(1);
      },
    });
    stop = () => {
      stop = () => undefined; // it is stopping already
      anchord.close().then(() => exit(0), fail);
    };
    // Whoever runs it in a terminal has closed that; a supervisor wants the files read again.
    process.on('SIGHUP', () => {
      if (process.stdout.isTTY) stop();
      else anchord.reloadTokens();
    });
  });
}
