import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageFile = readFileSync(new URL('../package.json', import.meta.url), 'utf8');

/** The version of this package. */
export const VERSION = z.looseObject({ version: z.string() }).parse(JSON.parse(packageFile)).version;
