import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { ChronosError } from '@chronos/shared';
import { answerProblem } from './errors.js';

function logged(error: unknown, level = 'info'): unknown[] {
  const lines: string[] = [];
  const logger = pino({ level }, { write: (line: string) => void lines.push(line) });
  const request = new IncomingMessage(new Socket());
  request.headers['x-request-id'] = 'abc-1';
  request.method = 'POST';
  request.url = '/digests?token=misplaced';
  answerProblem({ logger, onRefused: () => undefined }, error, request, new ServerResponse(request));
  expect(lines.join('')).not.toContain('misplaced');
  return lines.map((line) => JSON.parse(line) as unknown);
}

test('what was refused for our sake is in the log with its request id; what the client has to mend, at debug alone', () => {
  const refused = { requestId: 'abc-1', method: 'POST', path: '/digests' };
  expect(logged(new ChronosError('overloaded', 'this window is full'))).toMatchObject([
    { ...refused, level: 40, code: 'overloaded', why: 'this window is full' },
  ]);
  expect(logged(new ChronosError('unauthorized', 'send the right token'))).toMatchObject([{ ...refused, level: 40 }]);
  expect(logged(new ChronosError('unknown_window', 'there is none'))).toEqual([]);
  expect(logged(new ChronosError('unknown_window', 'there is none'), 'debug')).toMatchObject([
    { ...refused, level: 20 },
  ]);
});

test('a fault of the program is in the log, with its message, its stack and the request id', () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const request = new IncomingMessage(new Socket());
  request.headers['x-request-id'] = 'abc-1';
  const response = new ServerResponse(request);
  answerProblem({ logger, onRefused: () => undefined }, new TypeError('the disk is on fire'), request, response);
  expect(response.statusCode).toBe(500);
  const [logged] = lines.map((line) => JSON.parse(line) as unknown);
  const err = { message: 'the disk is on fire', stack: expect.stringContaining('errors.test') };
  expect(logged).toMatchObject({ requestId: 'abc-1', err });
});
