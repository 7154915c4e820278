import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../clock.js';
import { readStoreConfig } from '../config.js';
import { storeFileIn } from '../store/store.js';
import { exportLines } from '../upkeep/export.js';
import { writeWhole } from '../upkeep/write-whole.js';

interface Options {
  fromWindow: number;
  windowsOnly?: boolean;
  output?: string;
  force?: boolean;
}

export function exportCommand(): Command {
  return new Command('export')
    .description(
      'print every closed window and every complete proof, one JSON object a line, while anchord runs or not',
    )
    .option('--from-window <id>', 'begin with this window', parseWindow, 0)
    .option('--windows-only', 'no proofs')
    .option('-o, --output <file>', 'into this file, which appears when it is whole, instead of the standard output')
    .option('--force', 'replace a file that stands there')
    .action(async ({ fromWindow, windowsOnly = false, output, force = false }: Options) => {
      const { dataDir } = readStoreConfig();
      const lines = withNewlines(exportLines({ folder: dataDir, fromWindow, windowsOnly, clock: systemClock }));
      if (output === undefined) await pipeline(Readable.from(lines), process.stdout);
      else await writeWhole(lines, { storeFile: storeFileIn(dataDir), target: output, force });
    });
}

function* withNewlines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

function parseWindow(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError('must be the id of a window');
  return Number(text);
}
