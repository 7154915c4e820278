// @ts-check

/** A reason to stop that the person at the terminal can act on: its message is one line and is all that is shown. */
export class Fault extends Error {
  /**
   * @param {string} message
   * @param {{ output?: string, exitCode?: number }} [more] `output` is what a failed step printed, shown whole before the line
   */
  constructor(message, { output = '', exitCode = 1 } = {}) {
    super(message);
    this.output = output;
    this.exitCode = exitCode;
  }
}

/**
 * Ends the process over a fault. Any other error is a mistake of ours and is thrown on, stack and all.
 *
 * @param {unknown} error
 * @returns {never}
 */
export function endWith(error) {
  if (!(error instanceof Fault)) throw error;
  if (error.output) process.stderr.write(`${error.output.trimEnd()}\n\n`);
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
}
