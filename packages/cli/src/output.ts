import { ChronosError, type ErrorCode } from '@chronos/shared';
import pc from 'picocolors';
import { CliError } from './cli-error.js';
import { errorText } from './words.js';

export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  colors: boolean;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** What a failure looks like in JSON. */
export interface ErrorDocument {
  code: string;
  message: string;
  hint?: string;
  [detail: string]: unknown;
}

/** Who may say what, where: results on stdout, everything else on stderr, and with --json one document on stdout and nothing besides. */
export class Output {
  /** Colours for lines on stdout. */
  readonly paint: ReturnType<typeof pc.createColors>;
  private readonly paintError: ReturnType<typeof pc.createColors>;
  private statusShown = false;

  constructor(private readonly options: OutputOptions) {
    this.paint = pc.createColors(options.colors && options.stdout.isTTY);
    this.paintError = pc.createColors(options.colors && options.stderr.isTTY);
  }

  /** Whether somebody watches, so that progress may be drawn on {@link terminal}. */
  get watched(): boolean {
    return this.options.stderr.isTTY && !this.options.json && !this.options.quiet;
  }

  get json(): boolean {
    return this.options.json;
  }

  get terminal(): NodeJS.WriteStream {
    return this.options.stderr;
  }

  /** A line of the result. */
  line(text = ''): void {
    if (this.options.json || this.options.quiet) return;
    this.clearStatus();
    this.options.stdout.write(`${text}\n`);
  }

  /** A line about how things go. */
  note(text: string): void {
    if (this.options.json || this.options.quiet) return;
    this.clearStatus();
    this.options.stderr.write(`${text}\n`);
  }

  /** A failure, and what to do about it. */
  problem(error: unknown, name?: string): void {
    if (this.options.json) return;
    this.clearStatus();
    const { message, hint } = errorDocument(error);
    const subject = name === undefined || message.startsWith(`${name}:`) ? 'chronos' : name;
    this.options.stderr.write(`${this.paintError.red(`${subject}:`)} ${message}\n`);
    if (hint !== undefined) this.options.stderr.write(`  ${hint}\n`);
  }

  /** What was asked for and is itself the output, --quiet or not. */
  raw(text: string): void {
    this.clearStatus();
    this.options.stdout.write(text);
  }

  /** The one JSON document. */
  document(value: object): void {
    if (this.options.json) this.options.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** One line at the foot of the terminal that is drawn over; nothing where nobody watches. */
  status(text: string): void {
    if (!this.watched) return;
    const width = Math.max(20, this.options.stderr.columns || 80) - 1;
    this.options.stderr.write(`\r\u001b[K${text.slice(0, width)}`);
    this.statusShown = true;
  }

  clearStatus(): void {
    if (this.statusShown) this.options.stderr.write('\r\u001b[K');
    this.statusShown = false;
  }
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  service_unreachable: 'Is it running there? Another one is named with --server URL or CHRONOS_URL.',
  rate_limited: 'Try again later: what was done already is not repeated.',
  overloaded: 'Try again later: what was done already is not repeated.',
  unknown_digest: 'Was it stamped with another service (--server), or blinded?',
};

/** Any error as JSON shows it. No stack: a fault of the program itself is told in one line, too. */
export function errorDocument(error: unknown): ErrorDocument {
  const message = errorText(error);
  if (error instanceof CliError) {
    return { code: error.code, message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  if (error instanceof ChronosError) {
    const hint = HINTS[error.code];
    return { ...error.details, code: error.code, message, ...(hint === undefined ? {} : { hint }) };
  }
  return { code: 'internal_error', message: `unexpected fault: ${message}` };
}
