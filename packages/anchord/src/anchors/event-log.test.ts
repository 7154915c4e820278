import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { AnchorEvent } from './anchor-events.js';
import { logEvent, logLineOf } from './event-log.js';

const attempt = { transaction: '0xaa', nonce: 7n, windows: 3, costZil: '0.28' };

function logged(event: AnchorEvent): unknown[] {
  const lines: unknown[] = [];
  logEvent(
    pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    event,
  );
  return lines;
}

test('an event is one line with all that is known of it', () => {
  const fields = { transaction: '0xaa', nonce: '7', windows: 3, costZil: '0.28' };
  expect(logged({ event: 'broadcast', again: true, ...attempt })).toEqual([
    { level: 30, msg: 'sent an anchor', event: 'broadcast', again: true, ...fields },
  ]);
});

test('what repeats what was told is counted and not logged', () => {
  const fault: AnchorEvent = {
    ...{ event: 'endpoint_fault', endpoint: 'http://node', kind: 'no_answer', detail: 'no answer', repeats: false },
  };
  expect(logged(fault)).toEqual([
    {
      ...{ level: 40, msg: 'an endpoint gives no answer', event: 'endpoint_fault' },
      ...{ endpoint: 'http://node', kind: 'no_answer', detail: 'no answer' },
    },
  ]);
  expect(logged({ ...fault, repeats: true })).toEqual([]);
});

describe('how grave it is', () => {
  test.each<[string, AnchorEvent]>([
    ['info', { event: 'failed', cause: 'superseded', reason: 'replaced by 0xbb', ...attempt }],
    ['warn', { event: 'failed', cause: 'reverted', reason: 'the contract refused it', ...attempt }],
    ['warn', { event: 'trouble_begins', state: 'waiting', cause: 'insufficient_funds', detail: 'x', repeats: false }],
    ['error', { event: 'trouble_begins', state: 'stopped', cause: 'internal', detail: 'x', repeats: false }],
  ])('%s', (level, event) => {
    expect(logLineOf(event)).toMatchObject({ level });
  });
});
