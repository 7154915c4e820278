import type { ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

/** What every command is given. */
export interface Context {
  /** Where the service answers, checked. */
  server: string;
  output: Output;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Opens standard input: only for those who read it, as an open one can hold the process up. */
  openStdin: () => NodeJS.ReadStream;
}

/** What every command ends with: its exit code, and what it says with --json. */
export interface Outcome {
  exitCode: ExitCode;
  document: object;
}
