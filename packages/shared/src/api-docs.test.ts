import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { MAX_DIGESTS_PER_PROOF_REQUEST, MAX_DIGESTS_PER_SUBMISSION, MAX_WAIT_SECONDS } from './api.js';
import { ERRORS } from './errors.js';
import { COMMON_ERRORS, ROUTES } from './routes.js';

// docs/api.md is written by hand and held equal to the program here.

const documentation = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

/** What stands under each heading of the third level. */
const sections = new Map(
  documentation.split(/^### /m).map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    return [heading, lines.join('\n').split(/^## /m)[0]!];
  }),
);

describe('docs/api.md', () => {
  test('has every route, in the order of the table, and no other', () => {
    const headings = [...sections.keys()].filter((heading) => /^[A-Z]+ \//.test(heading));
    expect(headings).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`));
  });

  test.each(ROUTES)(
    '$method $path has a curl line, its answers and its errors',
    ({ method, path, replies, errors }) => {
      const section = sections.get(`${method} ${path}`)!;
      const url = path.replace(/\{\w+\}/, '').replaceAll('/', '\\/');
      expect(section).toMatch(new RegExp(`curl -sS "\\$CHRONOS${url}[^]*?\n\`\`\``));
      const shown = [...section.matchAll(/```json\n([^]*?)```/g)].map(([, text]) => JSON.parse(text!) as unknown);
      expect(shown).toEqual(Object.values(replies).map(({ example }) => example));
      for (const code of errors) expect(section).toContain(`\`${code}\``);
    },
  );

  test('has the table of errors, with the same status and meaning, in the same order', () => {
    const rows = [...documentation.matchAll(/^\| `(\w+)` +\| (\d+|–) +\| (.+?) +\|$/gm)];
    expect(rows.map(([, code, status, title]) => [code, status === '–' ? 0 : Number(status), title])).toEqual(
      Object.entries(ERRORS).map(([code, { status, title }]) => [code, status, title]),
    );
  });

  test('names what any route can answer, and the limits', () => {
    for (const code of COMMON_ERRORS)
      expect(documentation).toMatch(new RegExp(`Any route can answer [^.]*\`${code}\``));
    expect(documentation).toContain(`${MAX_DIGESTS_PER_SUBMISSION.toLocaleString('en')} digests a submission`);
    expect(documentation).toContain(
      `${MAX_DIGESTS_PER_PROOF_REQUEST.toLocaleString('en')} digests a request for proofs`,
    );
    expect(documentation).toContain(`\`wait\` up to ${MAX_WAIT_SECONDS} seconds`);
  });
});
