import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokens } from '../http/tokens.js';

/** The tokens of a file in this folder, which is made with them, readable by its owner alone. */
export function tokensIn(folder: string, name: string, ...tokens: string[]): Tokens {
  const file = join(folder, name);
  writeFileSync(file, `${tokens.join('\n')}\n`, { mode: 0o600 });
  return new Tokens(file);
}
