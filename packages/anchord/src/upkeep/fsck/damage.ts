import { isDamage as isDamageCode } from '../../store/store-fault.js';

/** Whether SQLite says that a file is damaged, or cannot be read where it is. */
export function isDamage(error: unknown): error is Error {
  const { code } = error as { code?: unknown };
  return isDamageCode(code) || (typeof code === 'string' && /^SQLITE_(IOERR|MISMATCH)/.test(code));
}
