import { z } from 'zod';
import { findAddress } from './address.js';
import type { DevnetOptions } from './options.js';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^[0-9]{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const qa = z.string().regex(/^[0-9]{1,30}$/, { error: 'must be a whole number of Qa' });

const funds = z.string().transform((text, context) => {
  const entries = text.split(',').map((item) => {
    const [address = '', amount = '', ...rest] = item.trim().split('=');
    const isRight = findAddress(address) !== undefined && qa.safeParse(amount).success && rest.length === 0;
    return isRight ? ([address, BigInt(amount)] as const) : undefined;
  });
  const right = entries.filter((entry) => entry !== undefined);
  if (right.length === entries.length) return Object.fromEntries(right);
  context.addIssue({ code: 'custom', message: 'must be ADDRESS=QA, several of them separated by commas' });
  return z.NEVER;
});

/** Every setting; README.md lists the same, and a test holds the two equal. */
export const settingsSchema = z.object({
  CHRONOS_DEVNET_HOST: z.string().default('127.0.0.1'),
  CHRONOS_DEVNET_PORT: wholeNumber(0, 65_535).default(7446),
  CHRONOS_DEVNET_CHAIN_ID: wholeNumber(1, 65_535).default(31_337),
  CHRONOS_DEVNET_BLOCK_MS: wholeNumber(0, 3_600_000).default(1000),
  CHRONOS_DEVNET_FLAVOUR: z.enum(['1', '2'], { error: 'must be 1 or 2' }).default('2'),
  CHRONOS_DEVNET_FINALITY_BLOCKS: wholeNumber(0, 1000).optional(),
  CHRONOS_DEVNET_EXPIRY_BLOCKS: wholeNumber(1, 100_000_000).optional(),
  CHRONOS_DEVNET_MIN_GAS_PRICE_QA: qa.transform(BigInt).optional(),
  CHRONOS_DEVNET_FUND: funds.optional(),
  CHRONOS_DEVNET_STATE: z.string().optional(),
});

export class SettingsError extends Error {}

type Environment = Record<string, string | undefined>;

/** The options to start with: what the command line names goes before the environment. Throws SettingsError with every fault, one a line. */
export function readConfig(flags: Environment, environment: Environment = process.env): DevnetOptions {
  // An empty variable is how compose files and shells say "not set".
  const given = Object.entries({ ...environment, ...withoutGaps(flags) }).filter(([, value]) => value !== '');
  const result = settingsSchema.safeParse(Object.fromEntries(given));
  if (!result.success)
    throw new SettingsError(result.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`).join('\n'));
  const settings = result.data;
  return {
    host: settings.CHRONOS_DEVNET_HOST,
    port: settings.CHRONOS_DEVNET_PORT,
    chainId: settings.CHRONOS_DEVNET_CHAIN_ID,
    blockMs: settings.CHRONOS_DEVNET_BLOCK_MS,
    flavour: settings.CHRONOS_DEVNET_FLAVOUR === '1' ? 1 : 2,
    finalityBlocks: settings.CHRONOS_DEVNET_FINALITY_BLOCKS,
    expiryBlocks: settings.CHRONOS_DEVNET_EXPIRY_BLOCKS,
    minGasPriceQa: settings.CHRONOS_DEVNET_MIN_GAS_PRICE_QA,
    fund: settings.CHRONOS_DEVNET_FUND,
    stateFile: settings.CHRONOS_DEVNET_STATE,
  };
}

function withoutGaps(flags: Environment): Environment {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
