import { readConfig } from './config.js';
import { EXIT } from './exit-codes.js';
import { run } from './program.js';

const interrupted = new AbortController();

// The first Ctrl-C lets the command end in order, with its files whole; the second does not wait.
process.on('SIGINT', () => {
  if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
  interrupted.abort();
});

// Whoever reads us may go away (`| head`): the work goes on, and nobody needs to hear of it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await run(process.argv.slice(2), {
  config: readConfig(),
  signal: interrupted.signal,
  openStdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
