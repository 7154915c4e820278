// @ts-check
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [--quick] [--json FILE] [--seconds N] [--digests N]

  --quick       a minute's smoke on a small store: shows that all works, its figures mean little
  --json FILE   writes all that was measured there
  --seconds N   how long each phase is measured (40)
  --digests N   the size of the large store (10000000)

The stores are made in a folder of their own below CHRONOS_DATA_DIR, or below the system's temporary folder, and removed at the end.`;

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {string | undefined} json
 * @property {number} seconds a phase of the service
 * @property {number} echoSeconds a phase of the echo
 * @property {number} warmUpSeconds
 * @property {number} windowSeconds
 * @property {number} largeStore digests
 * @property {number} largeWindow digests
 * @property {number} watchSeconds how long after a large window's closing the probe goes on
 * @property {number} freeBytes that the stores want
 */

/**
 * Throws where an option is not understood.
 * @param {string[]} args
 * @returns {Options | undefined} undefined: help was asked for
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      seconds: { type: 'string' },
      digests: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick, json } = values;
  const seconds = wholeNumber('--seconds', values.seconds, quick ? 2 : 40);
  const largeStore = wholeNumber('--digests', values.digests, quick ? 100_000 : 10_000_000);
  return {
    ...{ quick, json, seconds, largeStore },
    echoSeconds: quick ? 1 : 10,
    warmUpSeconds: quick ? 0.5 : 3,
    windowSeconds: quick ? 2 : 10,
    largeWindow: quick ? 100_000 : 1_000_000,
    watchSeconds: quick ? 3 : 20,
    // 150 bytes a digest, index and trees included, at 300,000 a second in four bulk phases.
    freeBytes: 1e9 + 150 * (2 * largeStore + 4 * 300_000 * seconds),
  };
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} otherwise
 */
function wholeNumber(name, text, otherwise) {
  if (text === undefined) return otherwise;
  if (!/^[1-9][0-9]{0,9}$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}
