import type { ExitCode } from './exit-codes.js';

/** A fault on the user's side of things: arguments and files. What the service and the chain say comes as `ChronosError`. */
export class CliError extends Error {
  constructor(
    readonly code: 'usage' | 'file_not_found' | 'file_unusable' | 'file_in_the_way' | 'interrupted',
    message: string,
    /** What to do, as a sentence of its own. */
    readonly hint?: string,
  ) {
    super(message);
    this.name = 'CliError';
  }

  get exitCode(): ExitCode {
    return this.code === 'interrupted' ? 130 : 2;
  }
}

/** A fault of reading or writing `name`, in words. */
export function fileFault(error: unknown, name: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return error;
  if (code === 'ENOENT') return new CliError('file_not_found', `${name}: no such file`);
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'is a directory',
    ENOTDIR: 'a part of its path is not a directory',
    ENOSPC: 'no space left on the disk',
    EROFS: 'the disk is read-only',
    ENAMETOOLONG: 'the name is too long',
    EIO: 'the disk fails to read it',
  };
  return new CliError('file_unusable', `${name}: ${words[code] ?? code}`);
}
