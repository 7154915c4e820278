import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ChronosError, NETWORKS, type Network, publicRpcUrls } from '@chronos/shared';
import { readTokenFile } from './token-file.js';

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

/** The kinds of chain that there is an adapter for. */
export const CHAIN_KINDS = ['evm', 'scilla'] as const;
export type ChainKind = (typeof CHAIN_KINDS)[number];
const kinds = z
  .string()
  .transform((text) => text.split(',').map((kind) => kind.trim()))
  .pipe(
    z
      .array(z.enum(CHAIN_KINDS, { error: `must be names out of ${CHAIN_KINDS.join(', ')}, separated by commas` }))
      .min(1),
  )
  .refine((names) => new Set(names).size === names.length, { error: 'names a chain twice' });

/** Every setting of anchord. Secrets are named by file. docs/operations.md lists the same; a test holds the two equal. */
export const settingsSchema = z.object({
  CHRONOS_DATA_DIR: z.string().min(1),
  CHRONOS_NETWORK: oneOf('mainnet', 'testnet', 'local').default('mainnet'),
  CHRONOS_CHAINS: kinds.default(['evm']),
  CHRONOS_OPTIONAL_CHAINS: kinds.optional(),
  CHRONOS_EVM_RPC_URLS: urls.optional(),
  CHRONOS_EVM_RPC_URLS_FILE: z.string().min(1).optional(),
  CHRONOS_EVM_CONTRACT: z.string().min(1).optional(),
  CHRONOS_MAX_FEE_GWEI: wholeNumber(1, 1_000_000_000).default(20_000),
  CHRONOS_WALLET_FILE: z.string().min(1),
  CHRONOS_WALLET_PASSPHRASE_FILE: z.string().min(1).optional(),
  CHRONOS_SCILLA_RPC_URLS: urls.optional(),
  CHRONOS_SCILLA_RPC_URLS_FILE: z.string().min(1).optional(),
  CHRONOS_SCILLA_CHAIN_ID: wholeNumber(1, 65_535).optional(),
  CHRONOS_SCILLA_CONTRACT: z.string().min(1).optional(),
  CHRONOS_SCILLA_MAX_GAS_PRICE_QA: wholeNumber(1, 999_999_999_999_999).default(10_000_000_000),
  CHRONOS_SCILLA_WALLET_FILE: z.string().min(1).optional(),
  CHRONOS_SCILLA_WALLET_PASSPHRASE_FILE: z.string().min(1).optional(),
  CHRONOS_WINDOW_SECONDS: wholeNumber(1, 3600).default(30),
  CHRONOS_MAX_WINDOW_DIGESTS: wholeNumber(100_000, 1_000_000_000).default(8_000_000),
  CHRONOS_RESERVE_MB: wholeNumber(0, 1_000_000).default(256),
  CHRONOS_ANCHORD_HOST: z.string().min(1).default('127.0.0.1'),
  CHRONOS_ANCHORD_PORT: port.default(7401),
  CHRONOS_PRIVATE_TOKEN_FILE: z.string().min(1),
  CHRONOS_PRIVATE_TLS_CERT_FILE: z.string().min(1).optional(),
  CHRONOS_PRIVATE_TLS_KEY_FILE: z.string().min(1).optional(),
  CHRONOS_PRIVATE_TLS_CA_FILE: z.string().min(1).optional(),
  CHRONOS_ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
  CHRONOS_ADMIN_PORT: port.default(7402),
  CHRONOS_ADMIN_TOKEN_FILE: z.string().min(1),
  CHRONOS_METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  CHRONOS_METRICS_PORT: port.default(7403),
  CHRONOS_LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal').default('info'),
});

export interface Config {
  dataDir: string;
  network: Network;
  /** Where windows are anchored. */
  evm?: { rpcUrls: readonly string[]; contract: string; maxFeeGwei: number };
  scilla?: ScillaConfig & { contract: string };
  /** Those of the chains above that a window does not wait for. */
  optionalChains?: readonly ChainKind[];
  walletFile: string;
  walletPassphraseFile?: string;
  windowSeconds: number;
  maxWindowDigests: number;
  /** Of the disk, kept for what was accepted already. */
  reserveBytes: number;
  privateApi: { host: string; port: number; tokenFile: string; tls?: { cert: string; key: string; ca: string } };
  adminApi: { host: string; port: number; tokenFile: string };
  /** Where Prometheus asks. */
  metricsApi: { host: string; port: number };
  logLevel: string;
}

export interface ScillaConfig {
  /** As proofs name it: `zilliqa:1`. */
  chain: string;
  rpcUrls: readonly string[];
  maxGasPriceQa: bigint;
  walletFile: string;
  walletPassphraseFile?: string;
}

/** What `anchord deploy-contract` needs: all but the contracts and the listeners. */
export type DeployConfig = Pick<Config, 'network' | 'walletFile' | 'walletPassphraseFile'> & {
  evm: Omit<NonNullable<Config['evm']>, 'contract'>;
  scilla: ScillaConfig;
};

type Environment = Record<string, string | undefined>;

/** As the wallet takes them. */
export function walletFilesOf({
  walletFile: file,
  walletPassphraseFile: passphraseFile,
}: Pick<Config, 'walletFile' | 'walletPassphraseFile'>): { file: string; passphraseFile?: string } {
  return { file, ...(passphraseFile === undefined ? {} : { passphraseFile }) };
}

const TLS_FILES = [
  'CHRONOS_PRIVATE_TLS_CERT_FILE',
  'CHRONOS_PRIVATE_TLS_KEY_FILE',
  'CHRONOS_PRIVATE_TLS_CA_FILE',
] as const;

/** Where to get what is missing. */
const SOURCES: Record<string, string> = {
  CHRONOS_EVM_CONTRACT: ': the address that `anchord deploy-contract` printed',
  CHRONOS_SCILLA_CONTRACT: ': the address that `anchord deploy-contract --scilla` printed',
};

/** The configuration of the daemon. Throws `invalid_settings` with every fault, one a line. */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const settings = parse(settingsSchema, environment, faults);
  // Read from the environment, not from `settings`, which are not there when another setting is at fault.
  checkToken('CHRONOS_PRIVATE_TOKEN_FILE', environment, faults);
  checkToken('CHRONOS_ADMIN_TOKEN_FILE', environment, faults);
  const chains = readChains(environment, faults);
  const tls = readMutualTls(environment, faults);
  if (settings === undefined || faults.length > 0) throw invalidSettings(faults);
  const { evm, scilla, ...common } = toDeployConfig(settings);
  const { CHRONOS_EVM_CONTRACT: evmContract, CHRONOS_SCILLA_CONTRACT: scillaContract } = settings;
  return {
    ...common,
    ...(chains.kinds.includes('evm') && evmContract !== undefined ? { evm: { ...evm, contract: evmContract } } : {}),
    ...(chains.kinds.includes('scilla') && scillaContract !== undefined
      ? { scilla: { ...scilla, contract: scillaContract } }
      : {}),
    optionalChains: chains.optional,
    dataDir: settings.CHRONOS_DATA_DIR,
    windowSeconds: settings.CHRONOS_WINDOW_SECONDS,
    maxWindowDigests: settings.CHRONOS_MAX_WINDOW_DIGESTS,
    reserveBytes: settings.CHRONOS_RESERVE_MB * 1024 * 1024,
    privateApi: {
      host: settings.CHRONOS_ANCHORD_HOST,
      port: settings.CHRONOS_ANCHORD_PORT,
      tokenFile: settings.CHRONOS_PRIVATE_TOKEN_FILE,
      ...(tls === undefined ? {} : { tls }),
    },
    adminApi: {
      host: settings.CHRONOS_ADMIN_HOST,
      port: settings.CHRONOS_ADMIN_PORT,
      tokenFile: settings.CHRONOS_ADMIN_TOKEN_FILE,
    },
    metricsApi: { host: settings.CHRONOS_METRICS_HOST, port: settings.CHRONOS_METRICS_PORT },
    logLevel: settings.CHRONOS_LOG_LEVEL,
  };
}

/** The certificate, its key and the authority of the other side: all of them or none. */
function readMutualTls(
  environment: Environment,
  faults: string[],
): { cert: string; key: string; ca: string } | undefined {
  if (TLS_FILES.every((name) => !environment[name])) return undefined;
  for (const name of TLS_FILES) if (!environment[name]) faults.push(`${name} is missing: set all three, or none`);
  const read = (name: (typeof TLS_FILES)[number]) => {
    const file = environment[name];
    if (!file) return '';
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      faults.push(`${name} cannot be read: ${(error as Error).message}`);
      return '';
    }
  };
  const [cert, key, ca] = TLS_FILES.map(read) as [string, string, string];
  return { cert, key, ca };
}

/** The chains, and what is missing for them. Faults of the lists themselves are told by the schema. */
function readChains(environment: Environment, faults: string[]): { kinds: ChainKind[]; optional: ChainKind[] } {
  const read = (name: string) => kinds.safeParse(environment[name]).data ?? [];
  const listed = environment['CHRONOS_CHAINS'] ? read('CHRONOS_CHAINS') : (['evm'] as ChainKind[]);
  const optional = read('CHRONOS_OPTIONAL_CHAINS');
  for (const kind of listed) {
    const name = `CHRONOS_${kind.toUpperCase()}_CONTRACT`;
    if (!environment[name]) faults.push(`${name} is missing${SOURCES[name] ?? ''}`);
  }
  if (listed.length === 0) return { kinds: listed, optional };
  const unlisted = optional.find((kind) => !listed.includes(kind));
  if (unlisted !== undefined) faults.push(`CHRONOS_OPTIONAL_CHAINS: ${unlisted} is not among CHRONOS_CHAINS`);
  if (listed.every((kind) => optional.includes(kind)))
    faults.push(
      'CHRONOS_OPTIONAL_CHAINS: at least one chain has to be required, or no window would ever wait for an anchor',
    );
  return { kinds: listed, optional };
}

export function readDeployConfig(environment: Environment = process.env): DeployConfig {
  const faults: string[] = [];
  const settings = parse(deploySettingsSchema, environment, faults);
  if (settings === undefined) throw invalidSettings(faults);
  return toDeployConfig(settings);
}

/** What `anchord transfer-ownership` and `accept-ownership` need: as `deploy-contract`, and the contract of that chain. */
export function readOwnershipConfig(
  kind: ChainKind,
  environment: Environment = process.env,
): DeployConfig & { contract: string } {
  const faults: string[] = [];
  const settings = parse(ownershipSettingsSchema, environment, faults);
  const name = kind === 'evm' ? 'CHRONOS_EVM_CONTRACT' : 'CHRONOS_SCILLA_CONTRACT';
  const contract = environment[name];
  if (!contract) faults.push(`${name} is missing${SOURCES[name] ?? ''}`);
  if (settings === undefined || !contract) throw invalidSettings(faults);
  return { ...toDeployConfig(settings), contract };
}

/** The file of a passphrase, where one is named: what `anchord wallet new` needs. */
export function readPassphraseFile(environment: Environment = process.env): string | undefined {
  return environment['CHRONOS_WALLET_PASSPHRASE_FILE'] || undefined;
}

/** What `anchord backup`, `restore` and `export` need: the folder of the store. */
export function readStoreConfig(environment: Environment = process.env): Pick<Config, 'dataDir'> {
  const faults: string[] = [];
  const settings = parse(settingsSchema.pick({ CHRONOS_DATA_DIR: true }), environment, faults);
  if (settings === undefined) throw invalidSettings(faults);
  return { dataDir: settings.CHRONOS_DATA_DIR };
}

/** Where `anchord admin` asks. */
export interface AdminConfig {
  url: string;
  tokenFile: string;
}

const adminSettingsSchema = settingsSchema
  .pick({ CHRONOS_ADMIN_HOST: true, CHRONOS_ADMIN_PORT: true, CHRONOS_ADMIN_TOKEN_FILE: true })
  .extend({
    CHRONOS_ADMIN_URL: z
      .url({ protocol: /^https?$/, error: 'must be a URL that starts with http:// or https://' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
  });

/** The admin port of the anchord that these settings are of; `CHRONOS_ADMIN_URL` goes before its host and port. */
export function readAdminConfig(environment: Environment = process.env): AdminConfig {
  const faults: string[] = [];
  const settings = parse(adminSettingsSchema, environment, faults);
  if (settings === undefined) throw invalidSettings(faults);
  const { CHRONOS_ADMIN_HOST: host, CHRONOS_ADMIN_PORT: port, CHRONOS_ADMIN_URL: url } = settings;
  // Who listens at all addresses is asked at this machine's own.
  const named = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return {
    url: url ?? `http://${named.includes(':') ? `[${named}]` : named}:${port}`,
    tokenFile: settings.CHRONOS_ADMIN_TOKEN_FILE,
  };
}

const fsckSettingsSchema = settingsSchema.pick({
  CHRONOS_DATA_DIR: true,
  CHRONOS_NETWORK: true,
  CHRONOS_EVM_RPC_URLS: true,
  CHRONOS_SCILLA_RPC_URLS: true,
  CHRONOS_SCILLA_CHAIN_ID: true,
});

/** What `anchord fsck` needs: the folder of the store, and where to ask the chains that are named in it. Neither wallet nor contract. */
export function readFsckConfig(environment: Environment = process.env) {
  const faults: string[] = [];
  const settings = parse(fsckSettingsSchema, environment, faults);
  if (settings === undefined) throw invalidSettings(faults);
  const network = NETWORKS.find(({ name }) => name === settings.CHRONOS_NETWORK)!;
  const chainId = settings.CHRONOS_SCILLA_CHAIN_ID;
  const nativeChain = chainId === undefined ? network.nativeChain : `zilliqa:${chainId}`;
  const own: Record<string, readonly string[] | undefined> = {
    [network.evmChain]: settings.CHRONOS_EVM_RPC_URLS,
    [nativeChain]: settings.CHRONOS_SCILLA_RPC_URLS,
  };
  return {
    dataDir: settings.CHRONOS_DATA_DIR,
    /** The endpoints that are set for a chain, or else its public ones. */
    rpcUrlsOf: (chain: string): readonly string[] => own[chain] ?? publicRpcUrls(chain),
  };
}

const deploySettingsSchema = settingsSchema.pick({
  CHRONOS_NETWORK: true,
  CHRONOS_EVM_RPC_URLS: true,
  CHRONOS_EVM_RPC_URLS_FILE: true,
  CHRONOS_MAX_FEE_GWEI: true,
  CHRONOS_WALLET_FILE: true,
  CHRONOS_WALLET_PASSPHRASE_FILE: true,
  CHRONOS_SCILLA_RPC_URLS: true,
  CHRONOS_SCILLA_RPC_URLS_FILE: true,
  CHRONOS_SCILLA_CHAIN_ID: true,
  CHRONOS_SCILLA_MAX_GAS_PRICE_QA: true,
  CHRONOS_SCILLA_WALLET_FILE: true,
  CHRONOS_SCILLA_WALLET_PASSPHRASE_FILE: true,
});

const ownershipSettingsSchema = deploySettingsSchema.extend(
  settingsSchema.pick({ CHRONOS_EVM_CONTRACT: true, CHRONOS_SCILLA_CONTRACT: true }).shape,
);

function toDeployConfig(settings: z.infer<typeof deploySettingsSchema>): DeployConfig {
  const network = NETWORKS.find(({ name }) => name === settings.CHRONOS_NETWORK)!;
  const wallet = toWalletFiles(settings.CHRONOS_WALLET_FILE, settings.CHRONOS_WALLET_PASSPHRASE_FILE);
  const ownWallet = settings.CHRONOS_SCILLA_WALLET_FILE;
  const chainId = settings.CHRONOS_SCILLA_CHAIN_ID;
  return {
    network,
    evm: { rpcUrls: settings.CHRONOS_EVM_RPC_URLS ?? network.rpcUrls, maxFeeGwei: settings.CHRONOS_MAX_FEE_GWEI },
    scilla: {
      chain: chainId === undefined ? network.nativeChain : `zilliqa:${chainId}`,
      rpcUrls: settings.CHRONOS_SCILLA_RPC_URLS ?? network.nativeRpcUrls ?? network.rpcUrls,
      maxGasPriceQa: BigInt(settings.CHRONOS_SCILLA_MAX_GAS_PRICE_QA),
      ...(ownWallet === undefined ? wallet : toWalletFiles(ownWallet, settings.CHRONOS_SCILLA_WALLET_PASSPHRASE_FILE)),
    },
    ...wallet,
  };
}

function toWalletFiles(
  walletFile: string,
  passphraseFile?: string,
): Pick<Config, 'walletFile' | 'walletPassphraseFile'> {
  return { walletFile, ...(passphraseFile === undefined ? {} : { walletPassphraseFile: passphraseFile }) };
}

function parse<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  environment: Environment,
  faults: string[],
): z.output<z.ZodObject<S>> | undefined {
  // An empty variable is how compose files and shells say "not set".
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  for (const name of ['CHRONOS_EVM_RPC_URLS', 'CHRONOS_SCILLA_RPC_URLS']) {
    if (name in schema.shape) readUrlFile(name, set, faults);
  }
  const result = schema.safeParse(set);
  if (result.success) return faults.length === 0 ? result.data : undefined;
  for (const { path, message } of result.error.issues) {
    const name = String(path[0]);
    faults.push(set[name] === undefined ? `${name} is missing${SOURCES[name] ?? ''}` : `${name} ${message}`);
  }
  return undefined;
}

/** URLs with a user and password in them stand in a file, for the environment of a process is shown to others: `NAME_FILE` instead of `NAME`. */
function readUrlFile(name: string, set: Environment, faults: string[]): void {
  const file = set[`${name}_FILE`];
  if (file === undefined) return;
  if (set[name] !== undefined) {
    faults.push(`${name} and ${name}_FILE are both set: leave one of them`);
    return;
  }
  try {
    set[name] = readFileSync(file, 'utf8')
      .trim()
      .replace(/\s*[\n,]\s*/g, ',');
  } catch (error) {
    faults.push(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'failed'})`);
  }
}

/** Reads a token file for its faults alone: it is read again by whoever uses it. */
function checkToken(name: string, environment: Environment, faults: string[]): void {
  const file = environment[name];
  if (!file) return; // told as missing
  try {
    readTokenFile(file);
  } catch (error) {
    if (!(error instanceof ChronosError)) throw error;
    faults.push(`${name}: ${error.message}`);
  }
}

function invalidSettings(faults: readonly string[]): ChronosError {
  return new ChronosError('invalid_settings', faults.join('\n'));
}
