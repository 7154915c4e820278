import { setImmediate } from 'node:timers/promises';
import { toHex } from '@chronos/shared';
import cliProgress from 'cli-progress';
import { CliError } from './cli-error.js';
import { hashFile, hashStream } from './hash-file.js';
import type { Input } from './inputs.js';
import type { Context } from './context.js';
import { bytesInWords } from './words.js';

// A few at once hide the disk's delay for small files; more would only cost memory.
const FILES_AT_ONCE = 4;
/** What takes less needs no bar. */
const QUIET_MS = 500;

/** The digest of each input, or the error instead. */
export async function hashInputs(
  inputs: readonly Input[],
  context: Context,
): Promise<Map<Input, { digest: string } | { error: unknown }>> {
  const results = new Map<Input, { digest: string } | { error: unknown }>();
  const progress = new HashProgress(inputs, context);
  const queue = inputs.values();
  const worker = async () => {
    for (const input of queue) {
      try {
        results.set(input, { digest: await digestOf(input, context, progress.add) });
      } catch (error) {
        results.set(input, { error });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
  } finally {
    progress.stop();
  }
  return results;
}

async function digestOf(
  input: Input,
  { signal, openStdin }: Context,
  onBytes: (count: number) => void,
): Promise<string> {
  if (input.error !== undefined) throw input.error;
  if (input.digest !== undefined) return input.digest;
  if (input.source === 'stdin') {
    const digest = await hashStream(openStdin(), { signal, onBytes });
    // Ctrl-C ends the other side of a pipe, too, and its end may be seen before our own signal: half a stream is no document.
    await setImmediate();
    if (signal.aborted) throw new CliError('interrupted', 'interrupted');
    return toHex(digest);
  }
  return toHex(await hashFile(input.name, { signal, onBytes }));
}

/** A bar over the bytes of all files together, drawn once it has taken a while; of standard input, whose length nobody knows, a count. */
class HashProgress {
  private readonly startedMs = performance.now();
  private readonly total: number;
  private bar: cliProgress.SingleBar | undefined;
  private done = 0;
  private shownMs = 0;

  constructor(
    private readonly inputs: readonly Input[],
    private readonly context: Context,
  ) {
    this.total = inputs.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  readonly add = (count: number): void => {
    this.done += count;
    const elapsedMs = performance.now() - this.startedMs;
    if (!this.context.output.watched || elapsedMs < QUIET_MS || elapsedMs - this.shownMs < 100) return;
    this.shownMs = elapsedMs;
    const speed = `${bytesInWords((this.done / elapsedMs) * 1000)}/s`;
    if (this.inputs.some(({ source }) => source === 'stdin')) {
      this.context.output.status(`Hashing standard input: ${bytesInWords(this.done)}, ${speed}`);
      return;
    }
    this.bar ??= this.newBar();
    this.bar.update(this.done, { amount: `${bytesInWords(this.done)} of ${bytesInWords(this.total)}`, speed });
  };

  stop(): void {
    this.bar?.stop();
    this.context.output.clearStatus();
  }

  private newBar(): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar({
      format: 'Hashing [{bar}] {percentage}%  {amount}  {speed}',
      stream: this.context.output.terminal,
      barsize: 24,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
    });
    bar.start(this.total, 0, { amount: '', speed: '' });
    return bar;
  }
}
