import { readFileSync } from 'node:fs';
import { ChronosError, JsonRpcClient } from '@chronos/shared';
import { z } from 'zod';
import { builtPageFolder, isPageFolder } from './doors/page-files.js';
import type { MutualTls } from './forward/anchord-client.js';
import { isRange, type TrustedHops } from './http/client-address.js';
import { readPrivateToken } from './forward/private-token.js';
import { DEFAULT_LIMITS, type Limits, type Quotas } from './limits.js';

export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Where anchord's private API answers, without a slash at its end. */
  anchordUrl: string;
  /** Holds the secret that proxies and anchord share. */
  privateTokenFile: string;
  /** What is shown to anchord, and what it has to show: PEM. */
  privateTls?: MutualTls;
  /** What clients reach this service by, without a slash at its end; without it `proofUrl` is an absolute path. */
  publicUrl?: string;
  network: 'mainnet' | 'testnet' | 'local';
  /** Endpoints of that network for `/verify`, instead of its public ones. */
  evmRpcUrls?: readonly string[];
  /** Of the native side, where they are others than those of the EVM. */
  scillaRpcUrls?: readonly string[];
  /** The native chain that anchord writes to, where it is another than the network's. */
  nativeChain?: string;
  /** The built web page; without it `/` leads to the API's description. */
  webDir?: string;
  trustedProxies: TrustedHops;
  /** What one client may have in a minute. */
  quotas: Quotas;
  /** Connections of one client, where it is no trusted hop; 0: as many as there are. */
  connectionsPerClient: number;
  /** Where Prometheus asks. */
  metrics: { host: string; port: number };
  /** From `SIGTERM` on, for so long requests are still taken while `/readyz` says no. */
  drainMs: number;
  logLevel: string;
  accessLog: 'none' | 'errors' | 'all';
  limits: Limits;
}

const httpUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search + url.hash === '';
}, 'must be a URL that starts with http:// or https://, without user, query and fragment');

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

// May hold a user and password, so a fault does not repeat it.
const endpoints = z
  .string()
  .transform((text) => text.split(',').map((url) => url.trim()))
  .refine(
    (urls) => urls.every(isEndpoint),
    'must be URLs that start with http:// or https://, with commas between them',
  );

function isEndpoint(url: string): boolean {
  try {
    return new JsonRpcClient(url).endpoint !== '';
  } catch {
    return false; // it throws for this one reason
  }
}

const oneOf = <const T extends readonly [string, ...string[]]>(...names: T) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });

const tokenFile = z
  .string('must name the file that holds the token shared with anchord')
  .superRefine((file, context) => {
    try {
      readPrivateToken(file);
    } catch (error) {
      context.addIssue((error as Error).message);
    }
  });

const pemFile = z.string().transform((file, context) => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    context.addIssue(`cannot be read: ${(error as Error).message}`);
    return z.NEVER;
  }
});

const port = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,4})$/, 'must be a port number')
  .transform(Number)
  .pipe(z.number().max(65_535, 'must be a port number, at most 65535'));

const wholeNumber = (min: number, max: number, note = '') =>
  z
    .string()
    .refine((text) => /^(0|[1-9][0-9]{0,8})$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}${note}`,
    })
    .transform(Number);
const quota = wholeNumber(0, 100_000_000, ', 0 for no limit');
const MOST_A_SUBMISSION = 10_000;

const trustedHops = z.string().transform((text, context): TrustedHops => {
  if (/^[1-9]$/.test(text)) return Number(text);
  const ranges = text.split(',').map((range) => range.trim());
  if (ranges.every(isRange)) return ranges;
  context.addIssue(
    'must be the number of hops (1 to 9), or addresses and ranges (10.0.0.0/8) with commas between them',
  );
  return z.NEVER;
});

/** Every setting of a proxy. docs/operations.md lists the same; a test holds the two equal. */
export const environmentSchema = z.object({
  CHRONOS_HOST: z.string().default('127.0.0.1'),
  CHRONOS_PORT: port.default(7400),
  CHRONOS_ANCHORD_URL: httpUrl.transform(withoutSlash).default('http://127.0.0.1:7401'),
  CHRONOS_PRIVATE_TOKEN_FILE: tokenFile,
  CHRONOS_PRIVATE_TLS_CERT_FILE: pemFile.optional(),
  CHRONOS_PRIVATE_TLS_KEY_FILE: pemFile.optional(),
  CHRONOS_PRIVATE_TLS_CA_FILE: pemFile.optional(),
  CHRONOS_PUBLIC_URL: httpUrl.transform(withoutSlash).optional(),
  CHRONOS_NETWORK: oneOf('mainnet', 'testnet', 'local').default('mainnet'),
  CHRONOS_EVM_RPC_URLS: endpoints.optional(),
  CHRONOS_EVM_RPC_URLS_FILE: z.string().optional(),
  CHRONOS_SCILLA_RPC_URLS: endpoints.optional(),
  CHRONOS_SCILLA_RPC_URLS_FILE: z.string().optional(),
  CHRONOS_SCILLA_CHAIN_ID: z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/, 'must be the id of a native chain, from 1 to 65535')
    .optional(),
  CHRONOS_WEB_DIR: z
    .string()
    .refine(isPageFolder, 'must name the folder of a built page, with index.html in it')
    .optional(),
  CHRONOS_TRUSTED_PROXIES: trustedHops.optional(),
  CHRONOS_CLIENT_REQUESTS_PER_MINUTE: quota.default(1_200),
  CHRONOS_CLIENT_DIGESTS_PER_MINUTE: quota
    .refine((digests) => digests === 0 || digests >= MOST_A_SUBMISSION, {
      error: `must be 0 or at least ${MOST_A_SUBMISSION}, so that a full submission is possible`,
    })
    .default(600_000),
  CHRONOS_CLIENT_VERIFICATIONS_PER_MINUTE: quota.default(60),
  CHRONOS_CLIENT_CONNECTIONS: wholeNumber(0, 1_000_000, ', 0 for no limit').default(256),
  CHRONOS_METRICS_HOST: z.string().default('127.0.0.1'),
  CHRONOS_METRICS_PORT: port.default(7404),
  CHRONOS_DRAIN_SECONDS: wholeNumber(0, 300).default(5),
  CHRONOS_LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  CHRONOS_ACCESS_LOG: oneOf('none', 'errors', 'all').default('errors'),
});

/** All three of its files or none; and TLS is what it takes to use them. */
function mutualTlsOf(settings: z.infer<typeof environmentSchema>): MutualTls | undefined {
  const {
    CHRONOS_PRIVATE_TLS_CERT_FILE: cert,
    CHRONOS_PRIVATE_TLS_KEY_FILE: key,
    CHRONOS_PRIVATE_TLS_CA_FILE: ca,
  } = settings;
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  if (cert === undefined || key === undefined || ca === undefined) {
    throw new ChronosError(
      'invalid_settings',
      'CHRONOS_PRIVATE_TLS_CERT_FILE, CHRONOS_PRIVATE_TLS_KEY_FILE and CHRONOS_PRIVATE_TLS_CA_FILE: set all three, or none',
    );
  }
  if (!settings.CHRONOS_ANCHORD_URL.startsWith('https:')) {
    throw new ChronosError(
      'invalid_settings',
      'CHRONOS_ANCHORD_URL must start with https:// where CHRONOS_PRIVATE_TLS_… is set',
    );
  }
  return { cert, key, ca };
}

/** URLs with a user and password in them stand in a file, for the environment of a process is shown to others: `NAME_FILE` instead of `NAME`. */
function readUrlFile(name: string, set: NodeJS.ProcessEnv, faults: string[]): void {
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

/**
 * The settings from the environment. Throws `invalid_settings`, whose message has one line for every fault. Variables of other parts
 * (anchord's, the start script's) are none of ours to judge.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // An empty variable is how compose files and shells say "not set".
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const faults: string[] = [];
  for (const name of ['CHRONOS_EVM_RPC_URLS', 'CHRONOS_SCILLA_RPC_URLS']) readUrlFile(name, set, faults);
  const result = environmentSchema.safeParse(set);
  if (!result.success || faults.length > 0) {
    faults.push(...(result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`));
    throw new ChronosError('invalid_settings', faults.join('\n'), { faults });
  }
  const settings = result.data;
  const tls = mutualTlsOf(settings);
  const webDir = settings.CHRONOS_WEB_DIR ?? builtPageFolder();
  return {
    host: settings.CHRONOS_HOST,
    port: settings.CHRONOS_PORT,
    anchordUrl: settings.CHRONOS_ANCHORD_URL,
    privateTokenFile: settings.CHRONOS_PRIVATE_TOKEN_FILE,
    ...(tls === undefined ? {} : { privateTls: tls }),
    network: settings.CHRONOS_NETWORK,
    trustedProxies: settings.CHRONOS_TRUSTED_PROXIES ?? [],
    quotas: {
      requests: settings.CHRONOS_CLIENT_REQUESTS_PER_MINUTE,
      digests: settings.CHRONOS_CLIENT_DIGESTS_PER_MINUTE,
      verifications: settings.CHRONOS_CLIENT_VERIFICATIONS_PER_MINUTE,
    },
    connectionsPerClient: settings.CHRONOS_CLIENT_CONNECTIONS,
    metrics: { host: settings.CHRONOS_METRICS_HOST, port: settings.CHRONOS_METRICS_PORT },
    drainMs: settings.CHRONOS_DRAIN_SECONDS * 1000,
    logLevel: settings.CHRONOS_LOG_LEVEL,
    accessLog: settings.CHRONOS_ACCESS_LOG,
    limits: DEFAULT_LIMITS,
    ...(webDir === undefined ? {} : { webDir }),
    ...(settings.CHRONOS_PUBLIC_URL === undefined ? {} : { publicUrl: settings.CHRONOS_PUBLIC_URL }),
    ...(settings.CHRONOS_EVM_RPC_URLS === undefined ? {} : { evmRpcUrls: settings.CHRONOS_EVM_RPC_URLS }),
    ...(settings.CHRONOS_SCILLA_RPC_URLS === undefined ? {} : { scillaRpcUrls: settings.CHRONOS_SCILLA_RPC_URLS }),
    ...(settings.CHRONOS_SCILLA_CHAIN_ID === undefined
      ? {}
      : { nativeChain: `zilliqa:${settings.CHRONOS_SCILLA_CHAIN_ID}` }),
  };
}
