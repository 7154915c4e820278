import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** A real node of a chain of the test's own, to inject faults with. */
export interface Anvil {
  readonly url: string;
  /** A call that has to succeed. */
  rpc(method: string, ...params: unknown[]): Promise<unknown>;
  /** Makes blocks; two after a transaction's make it final. */
  mine(blocks?: number): Promise<void>;
  stop(): Promise<void>;
}

/** The keys that anvil gives ten thousand coins each. */
export const ANVIL_KEYS = [
  'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
] as const;

/** Starts anvil with Zilliqa's rules. It makes blocks when told to, or one every `blockSeconds`. */
export async function startAnvil({ chainId = 31337, blockSeconds = 0 } = {}): Promise<Anvil> {
  const mining = blockSeconds === 0 ? ['--no-mining'] : ['--block-time', String(blockSeconds)];
  const rules = ['--hardfork', 'cancun', '--gas-limit', '84000000', '--slots-in-an-epoch', '1'];
  const child = spawn(findBinary(), ['--port', '0', '--chain-id', String(chainId), ...mining, ...rules], {
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

  const rpc = async (method: string, ...params: unknown[]): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  return {
    url,
    rpc,
    async mine(blocks = 1) {
      await rpc('anvil_mine', `0x${blocks.toString(16)}`);
    },
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
