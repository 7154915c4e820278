// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endWith } from './setup/fault.mjs';
import { setup } from './setup.mjs';

// `npm run test:scale`: HAProxy, three proxies and anchord as processes, on a local chain. First its parts are killed, restarted and rolled under a
// load, then it is abused. The exit code says whether all held: see docs/deployment.md.

const USAGE = `npm run test:scale -- [--only outages|abuse] [--keep]

  --only PART   runs one of the two parts
  --keep        leaves data and logs in their folder, which is done by itself when something is wrong

It wants Linux (all of 127.0.0.0/8 is used) and HAProxy 2.6 or later: apt-get install -y haproxy`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.only !== undefined && values.only !== 'outages' && values.only !== 'abuse')
    throw new Error(`--only must be outages or abuse, not "${values.only}"`);
  return values;
}

/** @returns {ReturnType<typeof readOptions>} */
function options() {
  try {
    return readOptions();
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** @param {NonNullable<ReturnType<typeof readOptions>>} chosen */
async function test({ only, keep }) {
  const { runScaleTest } = await import('./scale/run.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'chronos-scale-'));
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());
  let failed = true;
  try {
    const { report, faults } = await runScaleTest({
      ...{ folder, only },
      signal: interrupted.signal,
      log: (/** @type {string} */ line) => console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`),
    });
    console.log(`\n${report}`);
    for (const fault of faults.slice(0, 30)) console.log(`!! ${fault}`);
    console.log(faults.length === 0 ? '\nAll held.' : `\n${faults.length} faults.`);
    failed = faults.length > 0;
  } catch (error) {
    console.error(`!! ${/** @type {Error} */ (error).message}`);
  }
  if (failed || keep) console.error(`Data and logs are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  process.exit(failed ? 1 : 0);
}

const chosen = options();
if (chosen === undefined) console.log(USAGE);
else {
  try {
    await setup({ log: (line) => console.error(line) });
  } catch (error) {
    endWith(error);
  }
  await test(chosen);
}
