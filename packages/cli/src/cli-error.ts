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
}

/** A system error of reading or writing `name`, in words; any other error is given back. By shape: system errors have no class of their own. */
export function fileFault(error: unknown, name: string): unknown {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  if (typeof code !== 'string' || typeof errno !== 'number') return error;
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
