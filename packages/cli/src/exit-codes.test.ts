import { describe, expect, test } from '@jest/globals';
import { ChronosError } from '@chronos/shared';
import { CliError } from './cli-error.js';
import { EXIT_CODE_HELP, exitCodeOfError, worstExitCode } from './exit-codes.js';

describe('exit codes', () => {
  test('of several, the first that occurs of 130, 1, 4, 2, 3, 0 counts', () => {
    const order = [130, 1, 4, 2, 3, 0] as const;
    for (const [i, worse] of order.entries()) {
      for (const better of order.slice(i)) expect(worstExitCode([better, worse, better])).toBe(worse);
    }
    expect(worstExitCode([])).toBe(0);
  });

  test('say whether it was refused, the user’s side, too early, or out of reach', () => {
    expect(exitCodeOfError(new ChronosError('path_mismatch', 'x'))).toBe(1);
    expect(exitCodeOfError(new ChronosError('unknown_digest', 'x'))).toBe(1);
    expect(exitCodeOfError(new CliError('file_not_found', 'x'))).toBe(2);
    expect(exitCodeOfError(new ChronosError('pending', 'x'))).toBe(3);
    expect(exitCodeOfError(new ChronosError('not_final', 'x'))).toBe(3);
    for (const code of ['service_unreachable', 'chain_unreachable', 'rate_limited', 'overloaded'] as const) {
      expect(exitCodeOfError(new ChronosError(code, 'x'))).toBe(4);
    }
    expect(exitCodeOfError(new Error('a bug'))).toBe(1);
  });

  test('stand in the help, each of them', () => {
    for (const code of [0, 1, 2, 3, 4, 130]) expect(EXIT_CODE_HELP).toMatch(new RegExp(`^  ${code} `, 'm'));
  });
});
