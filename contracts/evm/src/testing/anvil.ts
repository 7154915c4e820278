import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export interface Anvil {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a local EVM chain with the rules of Zilliqa's: Cancun, 84 million gas a block. It mines each transaction at once. */
export async function startAnvil(): Promise<Anvil> {
  const child = spawn(findBinary(), ['--port', '0', '--hardfork', 'cancun', '--gas-limit', '84000000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);

  const url = await new Promise<string>((resolve, reject) => {
    // This listener stays: anvil prints lines at each request, and would block on a pipe that nobody reads.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /^Listening on (\S+)$/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    exited.then(([code]) => {
      reject(new Error(`anvil ended before it listened, with ${String(code)}`));
    }, reject);
  });

  return {
    url,
    async stop() {
      process.off('exit', killNow);
      child.kill('SIGTERM');
      await exited;
    },
  };
}

// The package's own command is a Node wrapper that does not pass signals on, and would leave the chain running.
function findBinary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const fileName = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
  return createRequire(wrapper).resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/${fileName}`);
}
