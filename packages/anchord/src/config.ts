import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ChronosError, NETWORKS, type Network } from '@chronos/shared';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^[0-9]{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);
const port = wholeNumber(0, 65_535);
const oneOf = <const T extends readonly [string, ...string[]]>(...names: T) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });
const urls = z
  .string()
  .transform((text) => text.split(',').map((url) => url.trim()))
  .pipe(
    z.array(z.url({ protocol: /^https?$/, error: 'must be http:// or https:// URLs, separated by commas' })).min(1),
  );

/** Every setting of anchord. Secrets are named by file. docs/operations.md lists the same; a test holds the two equal. */
export const settingsSchema = z.object({
  CHRONOS_DATA_DIR: z.string().min(1),
  CHRONOS_NETWORK: oneOf('mainnet', 'testnet', 'local').default('mainnet'),
  CHRONOS_EVM_RPC_URLS: urls.optional(),
  CHRONOS_EVM_CONTRACT: z.string().min(1),
  CHRONOS_MAX_FEE_GWEI: wholeNumber(1, 1_000_000_000).default(20_000),
  CHRONOS_WALLET_FILE: z.string().min(1),
  CHRONOS_WALLET_PASSPHRASE_FILE: z.string().min(1).optional(),
  CHRONOS_WINDOW_SECONDS: wholeNumber(1, 3600).default(30),
  CHRONOS_MAX_WINDOW_DIGESTS: wholeNumber(100_000, 1_000_000_000).default(8_000_000),
  CHRONOS_ANCHORD_HOST: z.string().min(1).default('127.0.0.1'),
  CHRONOS_ANCHORD_PORT: port.default(7401),
  CHRONOS_PRIVATE_TOKEN_FILE: z.string().min(1),
  CHRONOS_ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
  CHRONOS_ADMIN_PORT: port.default(7402),
  CHRONOS_ADMIN_TOKEN_FILE: z.string().min(1),
  CHRONOS_LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal').default('info'),
});

export interface Config {
  dataDir: string;
  network: Network;
  evm: { rpcUrls: readonly string[]; contract: string; maxFeeGwei: number };
  walletFile: string;
  walletPassphraseFile?: string;
  windowSeconds: number;
  maxWindowDigests: number;
  privateApi: { host: string; port: number; token: string };
  adminApi: { host: string; port: number; token: string };
  logLevel: string;
}

/** What `anchord deploy-contract` needs: all but the contract and the listeners. */
export type DeployConfig = Pick<Config, 'network' | 'walletFile' | 'walletPassphraseFile'> & {
  evm: Omit<Config['evm'], 'contract'>;
};

type Environment = Record<string, string | undefined>;

/** Where to get what is missing. */
const SOURCES: Record<string, string> = {
  CHRONOS_EVM_CONTRACT: ': the address that `anchord deploy-contract` printed',
};

/** The configuration of the daemon. Throws `invalid_settings` with every fault, one a line. */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const settings = parse(settingsSchema, environment, faults);
  // Read from the environment, not from `settings`, which are not there when another setting is at fault.
  const privateToken = readToken('CHRONOS_PRIVATE_TOKEN_FILE', environment, faults);
  const adminToken = readToken('CHRONOS_ADMIN_TOKEN_FILE', environment, faults);
  if (settings === undefined || faults.length > 0) throw invalidSettings(faults);
  const deploy = toDeployConfig(settings);
  return {
    ...deploy,
    evm: { ...deploy.evm, contract: settings.CHRONOS_EVM_CONTRACT },
    dataDir: settings.CHRONOS_DATA_DIR,
    windowSeconds: settings.CHRONOS_WINDOW_SECONDS,
    maxWindowDigests: settings.CHRONOS_MAX_WINDOW_DIGESTS,
    privateApi: { host: settings.CHRONOS_ANCHORD_HOST, port: settings.CHRONOS_ANCHORD_PORT, token: privateToken },
    adminApi: { host: settings.CHRONOS_ADMIN_HOST, port: settings.CHRONOS_ADMIN_PORT, token: adminToken },
    logLevel: settings.CHRONOS_LOG_LEVEL,
  };
}

export function readDeployConfig(environment: Environment = process.env): DeployConfig {
  const faults: string[] = [];
  const settings = parse(deploySettingsSchema, environment, faults);
  if (settings === undefined) throw invalidSettings(faults);
  return toDeployConfig(settings);
}

const deploySettingsSchema = settingsSchema.pick({
  CHRONOS_NETWORK: true,
  CHRONOS_EVM_RPC_URLS: true,
  CHRONOS_MAX_FEE_GWEI: true,
  CHRONOS_WALLET_FILE: true,
  CHRONOS_WALLET_PASSPHRASE_FILE: true,
});

function toDeployConfig(settings: z.infer<typeof deploySettingsSchema>): DeployConfig {
  const network = NETWORKS.find(({ name }) => name === settings.CHRONOS_NETWORK)!;
  const passphraseFile = settings.CHRONOS_WALLET_PASSPHRASE_FILE;
  return {
    network,
    evm: { rpcUrls: settings.CHRONOS_EVM_RPC_URLS ?? network.rpcUrls, maxFeeGwei: settings.CHRONOS_MAX_FEE_GWEI },
    walletFile: settings.CHRONOS_WALLET_FILE,
    ...(passphraseFile === undefined ? {} : { walletPassphraseFile: passphraseFile }),
  };
}

function parse<T>(schema: z.ZodType<T>, environment: Environment, faults: string[]): T | undefined {
  // An empty variable is how compose files and shells say "not set".
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    const name = String(path[0]);
    faults.push(set[name] === undefined ? `${name} is missing${SOURCES[name] ?? ''}` : `${name} ${message}`);
  }
  return undefined;
}

function readToken(name: string, environment: Environment, faults: string[]): string {
  const file = environment[name];
  if (!file) return ''; // told as missing
  try {
    const token = readFileSync(file, 'utf8').trim();
    if (token.length < 32) faults.push(`${name}: the token in ${file} is shorter than 32 characters`);
    return token;
  } catch (error) {
    faults.push(`${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'failed'})`);
    return '';
  }
}

function invalidSettings(faults: readonly string[]): ChronosError {
  return new ChronosError('invalid_settings', faults.join('\n'));
}
