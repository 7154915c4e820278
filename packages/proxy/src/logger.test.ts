import { expect, test } from '@jest/globals';
import { createLogger } from './logger.js';

test('what somebody hangs onto an error, or gives to the log by mistake, is not written where it may be a secret', () => {
  const lines: string[] = [];
  const logger = createLogger('trace', { write: (line: string) => void lines.push(line) });
  const secret = 'do-not-write-this';
  const request = { headers: { authorization: `Bearer ${secret}` } };
  logger.error({ err: Object.assign(new Error('failed'), { config: request, request, response: { request } }) }, 'x');
  logger.warn({ headers: request.headers }, 'x');
  logger.info({ password: secret, passphrase: secret }, 'x');
  logger.debug({ privateKey: secret }, 'x');
  expect(lines).toHaveLength(4);
  expect(lines.join('')).toContain('[not written]');
  expect(lines.join('')).not.toContain(secret);
});
