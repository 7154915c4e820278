import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { answerProblem } from './errors.js';

test('a fault of the program is in the log, with its message, its stack and the request id', () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const request = new IncomingMessage(new Socket());
  request.headers['x-request-id'] = 'abc-1';
  const response = new ServerResponse(request);
  answerProblem(logger, new TypeError('the disk is on fire'), request, response);
  expect(response.statusCode).toBe(500);
  const [logged] = lines.map((line) => JSON.parse(line) as unknown);
  const err = { message: 'the disk is on fire', stack: expect.stringContaining('errors.test') };
  expect(logged).toMatchObject({ requestId: 'abc-1', err });
});
