// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setup } from './setup.mjs';

// `npm run bench:scale -- [--seconds N]`: how what the service takes in grows with one, two and three proxies, and where anchord's own limit is. The figures are
// for docs/performance.md; no test holds them to anything.

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 1 && seconds <= 600)) {
  console.error(`--seconds must be a number from 1 to 600, not "${values.seconds}"`);
  process.exit(2);
}
await setup({ log: (line) => console.error(line) });
const { measureCapacity } = await import('./scale/capacity.mjs');
const folder = mkdtempSync(join(tmpdir(), 'chronos-capacity-'));
let failed = true;
try {
  const log = (/** @type {string} */ line) => console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  const { report, problems } = await measureCapacity({ folder, seconds, log });
  console.log(`\n${report}`);
  for (const problem of problems) console.log(`\n!! ${problem}`);
  failed = problems.length > 0;
} catch (error) {
  console.error(`!! ${/** @type {Error} */ (error).message}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
