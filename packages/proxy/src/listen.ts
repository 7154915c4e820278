import type { Server } from 'node:http';
import { ChronosError } from '@chronos/shared';

/** Resolves when the server listens; where it cannot, rejects with words that name the setting. */
export function listen(
  server: Server,
  { host, port, setting }: { host: string; port: number; setting: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === 'EADDRINUSE' ? `the port is taken: stop what uses it, or set ${setting}` : message;
      reject(new ChronosError('invalid_settings', `cannot listen on ${host}:${port}: ${why}`));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}
