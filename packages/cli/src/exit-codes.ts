import { ChronosError, type ErrorCode } from '@chronos/shared';
import { CliError } from './cli-error.js';

/** How the command ends. Scripts rely on these numbers. */
export const EXIT = { done: 0, refused: 1, usage: 2, pending: 3, unreachable: 4, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

// Of several files the worst counts: a plain "no" before "nobody answered" before "cannot be read" before "come again later".
const PRECEDENCE: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.refused,
  EXIT.unreachable,
  EXIT.usage,
  EXIT.pending,
  EXIT.done,
];

export const EXIT_CODE_HELP = `
Exit codes:
  0    done, or verified
  1    refused: the verification failed, or the service refused
  2    usage: the arguments are wrong, or a file named in them cannot be read or written
  3    not final yet: ask again later
  4    the service or the chain could not be reached
  130  interrupted with Ctrl-C
  Of several files each is handled; the exit code is the first that occurs of 1, 4, 2, 3, 0.`;

export function worstExitCode(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return PRECEDENCE.find((code) => seen.has(code)) ?? EXIT.done;
}

// The service or chain may well say something else in a minute: no verdict, so never "refused".
const UNREACHABLE: readonly ErrorCode[] = [
  'service_unreachable',
  'chain_unreachable',
  'rate_limited',
  'overloaded',
  'backend_unavailable',
  'internal_error',
  'request_timeout',
];

/** The exit code of one of our error codes. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (UNREACHABLE.includes(code)) return EXIT.unreachable;
  return code === 'pending' || code === 'not_final' ? EXIT.pending : EXIT.refused;
}

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CliError) return error.code === 'interrupted' ? EXIT.interrupted : EXIT.usage;
  return error instanceof ChronosError ? exitCodeOf(error.code) : EXIT.refused;
}
