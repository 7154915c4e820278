import { ChronosError } from '@chronos/shared';
import { readConfig } from './config.js';
import { type Proxy, startProxy } from './proxy.js';

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

const hurry = new AbortController();
let proxy: Proxy | undefined;
let stopping = false;

function close(running: Proxy): void {
  running.close(hurry.signal).then(() => process.exit(0), fail);
}

function stop(): void {
  if (stopping) {
    hurry.abort(); // told twice: the balancer need not see it any more
    return;
  }
  stopping = true;
  if (proxy !== undefined) close(proxy);
}

// Before it starts, so that no signal meets it unprepared.
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  proxy = await startProxy(readConfig());
  if (stopping) close(proxy);
} catch (error) {
  fail(error);
}
