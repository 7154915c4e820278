import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../clock.js';
import { readFsckConfig } from '../config.js';
import { fsck, type FsckReport } from '../upkeep/fsck/fsck.js';
import { AS_JSON } from './options.js';

interface Options {
  fix?: boolean;
  online?: boolean;
  offline?: boolean;
  fromWindow: number;
  json?: boolean;
}

/** 0: nothing is wrong. */
const FAULTS_LEFT = 1;
const NOT_CHECKED = 2;

export function fsckCommand(fail: (error: unknown, code?: number) => never): Command {
  return new Command('fsck')
    .description(
      'look the store over, down to every digest, and the chain for what it is anchored by; anchord is stopped, or see --online',
    )
    .option('--fix', 'mend what can be derived from something else, and look again')
    .option('--online', 'look at one state of a store that anchord has open')
    .option('--offline', 'do not ask the chain')
    .option('--from-window <id>', 'ask the chain for the anchors of this window and later ones only', parseWindow, 0)
    .option('--json', AS_JSON)
    .addHelpText(
      'after',
      '\nExit code: 0 nothing is wrong (any more), 1 faults are left, 2 something could not be looked at.',
    )
    .action(async ({ fix = false, online = false, offline, fromWindow, json }: Options) => {
      try {
        const { dataDir, rpcUrlsOf } = readFsckConfig();
        const report = await fsck({
          ...{ folder: dataDir, fix, online, clock: systemClock },
          ...(offline ? {} : { chains: { rpcUrlsOf, fromWindow } }),
          onProgress: (check, done) => {
            if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Klooking at ${check}: ${done} `);
          },
        });
        if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
        console.log(json ? JSON.stringify(report) : linesOf(report, fix).join('\n'));
        process.exitCode = report.faultCount > 0 ? FAULTS_LEFT : report.unchecked === undefined ? 0 : NOT_CHECKED;
      } catch (error) {
        fail(error, NOT_CHECKED);
      }
    });
}

function linesOf(
  { faults, faultCount, mended, notes, unchecked, digests, tookMs }: FsckReport,
  fix: boolean,
): string[] {
  const untold = faultCount - faults.length;
  return [
    ...mended.map(({ check, where, what }) => `mended   ${check}: ${where}: ${what}`),
    ...faults.map(({ check, where, what, mend, advice }) => {
      const rest =
        mend === undefined ? (advice ?? '') : fix ? `not mended, though it should have been: ${mend}` : `--fix ${mend}`;
      return `FAULT    ${check}: ${where}: ${what}\n         ${rest}`;
    }),
    ...(untold > 0 ? [`FAULT    and ${untold} more`] : []),
    ...notes.map((note) => `note     ${note}`),
    ...(unchecked === undefined ? [] : [`UNKNOWN  ${unchecked}`]),
    `${digests} digests read in ${(tookMs / 1000).toFixed(1)} s: ${faultCount === 0 ? 'no fault' : `${faultCount} faults`}${mended.length > 0 ? `, ${mended.length} mended` : ''}`,
  ];
}

function parseWindow(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError('must be the id of a window');
  return Number(text);
}
