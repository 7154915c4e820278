import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../clock.js';
import { readStoreConfig } from '../config.js';
import { exportLines } from '../upkeep/export.js';

export function exportCommand(): Command {
  return new Command('export')
    .description(
      'print every closed window and every complete proof, one JSON object a line, while anchord runs or not',
    )
    .option('--from-window <id>', 'begin with this window', parseWindow, 0)
    .option('--windows-only', 'no proofs')
    .action(async ({ fromWindow, windowsOnly = false }: { fromWindow: number; windowsOnly?: boolean }) => {
      const lines = exportLines({ folder: readStoreConfig().dataDir, fromWindow, windowsOnly, clock: systemClock });
      await pipeline(Readable.from(withNewlines(lines)), process.stdout);
    });
}

function* withNewlines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

function parseWindow(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError('must be the id of a window');
  return Number(text);
}
