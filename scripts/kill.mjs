// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setup } from './setup.mjs';

// `npm run test:kill`: a real service under load, its parts killed with SIGKILL again and again. In the end every digest that was acknowledged
// must be in a complete proof that verifies, and every window on the chain once. docs/reliability.md has the figures of such runs.

const USAGE = `npm run test:kill -- [--kills N] [--seed TEXT] [--chains evm,scilla] [--window-seconds N] [--keep]

  --kills N            how many processes are killed (300)
  --seed TEXT          repeats the plan of an earlier run: what is killed, when, and what is submitted
  --chains LIST        the local chains to anchor on (evm)
  --window-seconds N   (1)
  --keep               leaves the data and the logs in their folder, which is done by itself when something is wrong`;

/**
 * @param {string} name
 * @param {string} text
 */
function wholeNumber(name, text) {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '300' },
      seed: { type: 'string', default: randomBytes(4).toString('hex') },
      chains: { type: 'string', default: 'evm' },
      'window-seconds': { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const names = values.chains.split(',');
  const chains = names.filter((kind) => kind === 'evm' || kind === 'scilla');
  if (chains.length < names.length)
    throw new Error(`--chains must be evm, scilla, or both with a comma between, not "${values.chains}"`);
  return {
    ...{ chains, seed: values.seed, keep: values.keep },
    kills: wholeNumber('--kills', values.kills),
    windowSeconds: wholeNumber('--window-seconds', values['window-seconds']),
  };
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

const chosen = options();
if (chosen === undefined) console.log(USAGE);
else {
  await setup({ log: (line) => console.error(line) });
  const { runKillTest } = await import('../test/dist/kill/run.js');
  const { killReport } = await import('../test/dist/kill/report.js');
  const folder = mkdtempSync(join(tmpdir(), 'chronos-kill-'));
  const again = `npm run test:kill -- --kills ${chosen.kills} --seed ${chosen.seed} --chains ${chosen.chains.join(',')} --window-seconds ${chosen.windowSeconds}`;
  console.log(`${again}\n`);
  let failed = true;
  try {
    const run = await runKillTest({
      ...chosen,
      folder,
      tell: (/** @type {string} */ line) => console.error(`  ${line}`),
    });
    console.log(killReport(run));
    for (const fault of run.faults.slice(0, 20)) console.error(`!! ${fault}`);
    failed = run.faults.length > 0;
  } catch (error) {
    console.error(`!! ${/** @type {Error} */ (error).message}`);
  }
  if (failed || chosen.keep) console.error(`\nData and logs are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  process.exit(failed ? 1 : 0);
}
