import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { settingsSchema as anchord } from '../../packages/anchord/dist/config.js';
import { environmentSchema as proxy } from '../../packages/proxy/dist/config.js';

// docs/operations.md is written by hand; here it is held equal to what the programs read.

const documentation = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** Name and default of each row of the table under a heading, as written. */
function documented(heading: string): string[][] {
  const section = documentation.split(`\n### ${heading}\n`)[1]!.split('\n#')[0]!;
  return [...section.matchAll(/^\| `(CHRONOS_\w+)` +\| (.+?) +\|/gm)].map(([, name, byDefault]) => [name!, byDefault!]);
}

/** The same of a schema: a setting without a default is either required, or takes nothing for an answer. */
function known({ shape }: typeof anchord | typeof proxy): string[][] {
  return Object.entries(shape).map(([name, schema]) => {
    const { success, data } = schema.safeParse(undefined);
    return [name, !success ? 'required' : data === undefined ? 'none' : `\`${String(data)}\``];
  });
}

describe('docs/operations.md lists every setting with its default, in the order of the program', () => {
  test('of anchord', () => {
    expect(documented('Settings of anchord')).toEqual(known(anchord));
  });

  test('of the proxy', () => {
    expect(documented('Settings of the proxy')).toEqual(known(proxy));
  });
});
