import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type MetricDefinition, METRICS } from '../../packages/anchord/dist/metrics/table.js';

test('docs/operations.md lists every metric of anchord with its kind, its labels and what it is, in the order of the program', () => {
  const documentation = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const section = documentation.split('\n### Metrics of anchord\n')[1]!.split('\n#')[0]!;
  const rows = [...section.matchAll(/^\| `(chronos_\w+)` +\| (\w+) +\| (.+?) +\| (.+?) +\|$/gm)].map((row) =>
    row.slice(1),
  );
  const known = Object.entries<MetricDefinition>(METRICS).map(([name, { kind, labels = [], help }]) => [
    ...[name, kind],
    labels.map((label) => `\`${label}\``).join(', ') || 'none',
    help,
  ]);
  expect(rows).toEqual(known);
});
