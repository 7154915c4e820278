import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { TROUBLE_CAUSES } from './anchor-events.js';
import { EVENT_LINES } from './event-log.js';
import { LOW_BALANCE_ANCHORS } from './health-watch.js';

// docs/operations.md is written by hand; here its tables are held equal to what the log says.

const documentation = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
const section = documentation.split('\n## What the log says and what to do\n')[1]!.split('\n## ')[0]!;
const rows = [...section.matchAll(/^\| `(\w+)` +\| (.+) \|$/gm)].map(([, name, rest]) => [
  name!,
  ...rest!.split('|').map((cell) => cell.trim()),
]);

test('docs/operations.md tells of every event: its message, its level, and what to do', () => {
  const documented = rows.filter((row) => row.length === 4);
  expect(documented.map(([event, message, level]) => [event, message, level])).toEqual(
    Object.entries(EVENT_LINES).map(([event, { message, level }]) => [event, message, `\`${level}\``]),
  );
});

test('and of every cause for which anchoring does not go on', () => {
  expect(rows.filter((row) => row.length === 3).map(([cause]) => cause)).toEqual([...TROUBLE_CAUSES]);
});

test('and of the balance that is low', () => {
  expect(section).toContain(`\`threshold\` (${LOW_BALANCE_ANCHORS})`);
});
