// @ts-check
import { writeFileSync } from 'node:fs';
import { readOptions, USAGE } from './bench/options.mjs';
import { allPhases } from './bench/phases.mjs';
import { machine, report } from './bench/report.mjs';
import { Run } from './bench/run.mjs';
import { setup } from './setup.mjs';

// `npm run bench`: what the service does on this machine, through proxy and anchord with everything durable, next to what a bare HTTP echo and
// a bare append do on it. The figures are for docs/performance.md; no test holds them to anything.

/** @returns {import('./bench/options.mjs').Options | undefined} */
function options() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** @param {Run} run */
async function bench(run) {
  let exitCode = 0;
  const interrupted = new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  try {
    const startedAt = new Date().toISOString();
    const work = allPhases(run);
    work.catch(() => (exitCode = 1)); // told below; once interrupted, it fails because its processes have ended
    const results = await Promise.race([work, interrupted]);
    console.log(`\n${report(results)}`);
    if (run.options.json)
      writeFileSync(
        run.options.json,
        `${JSON.stringify({ startedAt, machine: machine(), options: run.options, ...results, problems: run.problems }, null, 2)}\n`,
      );
    for (const problem of run.problems) console.log(`\n!! ${problem}`);
    if (run.problems.length > 0) exitCode = 1;
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    exitCode = 1;
  } finally {
    await run.close();
  }
  process.exit(exitCode);
}

const chosen = options();
if (chosen === undefined) console.log(USAGE);
else {
  await setup({ log: (line) => console.error(line) });
  await bench(new Run(chosen));
}
