import { Command } from 'commander';
import { readConfig, SettingsError } from './config.js';
import { startDevnet } from './devnet.js';
import { selfDescription } from './methods.js';
import { StateFileError } from './state-file.js';
import { VERSION } from './version.js';

/** `--block-ms 0` is CHRONOS_DEVNET_BLOCK_MS=0. */
const settingOf = (flag: string) => `CHRONOS_DEVNET_${flag.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

const collect = (value: string, earlier?: string) => (earlier === undefined ? value : `${earlier},${value}`);

const program = new Command('chronos-devnet')
  .description(
    'A local development chain that speaks Zilliqa’s native JSON-RPC and runs only the Chronos anchor contract.',
  )
  .version(VERSION)
  .option('--host <host>', 'where to listen (127.0.0.1)')
  .option('--port <port>', '0: a free one (7446)')
  .option('--chain-id <id>', 'the native chain id (31337)')
  .option('--block-ms <ms>', 'time between blocks; 0: on demand only (1000)')
  .option('--flavour <1|2>', 'answer as Zilliqa 1 or 2 (2)')
  .option('--finality-blocks <n>', 'blocks that follow a final one (2; flavour 1: 0)')
  .option('--expiry-blocks <n>', 'blocks that a transaction waits at most (86400)')
  .option('--min-gas-price-qa <qa>', 'the least gas price (2000000016; flavour 1: 2000000000)')
  .option('--fund <address=qa>', 'an account’s balance at the start; may be given again', collect)
  .option('--state <file>', 'read at start, written on SIGTERM')
  .action(async (flags: Record<string, string>) => {
    const settings = Object.fromEntries(Object.entries(flags).map(([flag, value]) => [settingOf(flag), value]));
    const options = readConfig(settings);
    const devnet = await startDevnet(options);
    const version = devnet.chainId * 65_536 + 1;
    console.log(
      `${selfDescription(options.flavour ?? 2)}. zilliqa:${devnet.chainId} (version field ${version}) at ${devnet.url}`,
    );
    const stop = () => {
      devnet.close().then(() => process.exit(0), fail);
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });

/** Faults of settings, state file and port are told in their own words; anything else is a fault of the program. */
function fail(error: unknown): never {
  const isOurs = error instanceof SettingsError || error instanceof StateFileError;
  const isOfPort = error instanceof Error && 'syscall' in error && error.syscall === 'listen';
  console.error(isOurs || isOfPort ? error.message.replace(/^/gm, 'chronos-devnet: ') : error);
  process.exit(1);
}

program.parseAsync().catch(fail);
