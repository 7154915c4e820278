import { ChronosError } from '@chronos/shared';
import { readConfig } from './config.js';
import { startProxy } from './proxy.js';

/** Faults of settings and of the port are told in their own words; anything else is a fault of the program. */
function fail(error: unknown): never {
  const known = error instanceof ChronosError;
  console.error(known ? error.message.replace(/^/gm, 'chronos-proxy: ') : error);
  process.exit(1);
}

if (process.argv.length > 2) {
  console.error('chronos-proxy takes no arguments: its settings are CHRONOS_… variables, see docs/operations.md');
  process.exit(2);
}

try {
  const proxy = await startProxy(readConfig());
  const hurry = new AbortController();
  let stopping = false;
  const stop = () => {
    if (stopping) {
      hurry.abort(); // told twice: the balancer need not see it any more
      return;
    }
    stopping = true;
    proxy.close(hurry.signal).then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  fail(error);
}
