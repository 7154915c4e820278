import { readFileSync } from 'node:fs';
import { ChronosError, JsonRpcClient } from '@chronos/shared';
import { z } from 'zod';
import { builtPageFolder, isPageFolder } from './doors/page-files.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';

export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Where anchord's private API answers, without a slash at its end. */
  anchordUrl: string;
  /** The secret that proxies and anchord share. */
  privateToken: string;
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
  logLevel: string;
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

const token = z
  .string('must name the file that holds the token shared with anchord')
  .transform((file, context) => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      context.addIssue(`cannot be read: ${(error as Error).message}`);
      return z.NEVER;
    }
  })
  .refine((text) => /^[\x21-\x7e]{32,1024}$/.test(text), {
    error: 'must hold a token of at least 32 printable characters without spaces',
    when: ({ issues }) => issues.length === 0,
  });

/** Every setting of a proxy. docs/operations.md lists the same; a test holds the two equal. */
export const environmentSchema = z.object({
  CHRONOS_HOST: z.string().default('127.0.0.1'),
  CHRONOS_PORT: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,4})$/, 'must be a port number')
    .transform(Number)
    .pipe(z.number().max(65_535, 'must be a port number, at most 65535'))
    .default(7400),
  CHRONOS_ANCHORD_URL: httpUrl.transform(withoutSlash).default('http://127.0.0.1:7401'),
  CHRONOS_PRIVATE_TOKEN_FILE: token,
  CHRONOS_PUBLIC_URL: httpUrl.transform(withoutSlash).optional(),
  CHRONOS_NETWORK: oneOf('mainnet', 'testnet', 'local').default('mainnet'),
  CHRONOS_EVM_RPC_URLS: endpoints.optional(),
  CHRONOS_SCILLA_RPC_URLS: endpoints.optional(),
  CHRONOS_SCILLA_CHAIN_ID: z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/, 'must be the id of a native chain, from 1 to 65535')
    .optional(),
  CHRONOS_WEB_DIR: z
    .string()
    .refine(isPageFolder, 'must name the folder of a built page, with index.html in it')
    .optional(),
  CHRONOS_LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
});

/**
 * The settings from the environment. Throws `invalid_settings`, whose message has one line for every fault. Variables of other parts
 * (anchord's, the start script's) are none of ours to judge.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // An empty variable is how compose files and shells say "not set".
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(set);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new ChronosError('invalid_settings', faults.join('\n'), { faults });
  }
  const settings = result.data;
  const webDir = settings.CHRONOS_WEB_DIR ?? builtPageFolder();
  return {
    host: settings.CHRONOS_HOST,
    port: settings.CHRONOS_PORT,
    anchordUrl: settings.CHRONOS_ANCHORD_URL,
    privateToken: settings.CHRONOS_PRIVATE_TOKEN_FILE,
    network: settings.CHRONOS_NETWORK,
    logLevel: settings.CHRONOS_LOG_LEVEL,
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
