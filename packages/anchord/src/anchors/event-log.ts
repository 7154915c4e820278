import type { Logger } from '../logger.js';
import type { AnchorEvent, AnchorEventName } from './anchor-events.js';

/**
 * How each event reads in the log; the rest of it follows as fields. docs/operations.md says for each what it means and what to do, and a
 * test holds that table equal to this one.
 */
export const EVENT_LINES: Record<AnchorEventName, { level: 'info' | 'warn'; message: string }> = {
  signed: { level: 'info', message: 'signed an anchor' },
  replaced: { level: 'warn', message: 'replaced an anchor by a dearer one' },
  broadcast: { level: 'info', message: 'sent an anchor' },
  included: { level: 'info', message: 'an anchor is in a block' },
  taken_back: { level: 'warn', message: 'the chain took a block with an anchor back' },
  final: { level: 'info', message: 'an anchor is final' },
  failed: { level: 'warn', message: 'an anchor failed' },
  adopted: { level: 'warn', message: 'took over anchors that were on the chain already' },
  trouble_begins: { level: 'warn', message: 'anchoring does not go on' },
  trouble_ends: { level: 'info', message: 'anchoring goes on' },
  paused: { level: 'warn', message: 'anchoring is paused' },
  resumed: { level: 'info', message: 'anchoring is resumed' },
  balance_low: { level: 'warn', message: 'the wallet runs low' },
  balance_restored: { level: 'info', message: 'the wallet is funded again' },
  chain_halted: { level: 'warn', message: 'the chain makes no blocks' },
  chain_moves: { level: 'info', message: 'the chain makes blocks again' },
  endpoint_fault: { level: 'warn', message: 'an endpoint gives no answer' },
  endpoint_recovered: { level: 'info', message: 'an endpoint answers again' },
  endpoint_behind: { level: 'warn', message: 'an endpoint lags behind the others' },
  endpoint_caught_up: { level: 'info', message: 'an endpoint has caught up' },
  endpoints_disagree: { level: 'warn', message: 'the endpoints contradict each other' },
};

/** The one place where an event becomes a line of the log; undefined for what only repeats what was told. */
export function logLineOf(
  event: AnchorEvent,
): { level: 'info' | 'warn' | 'error'; message: string; fields: Record<string, unknown> } | undefined {
  const { repeats, ...fields } = { repeats: false, ...event };
  if (repeats) return undefined;
  const { message } = EVENT_LINES[event.event];
  return {
    level: levelOf(event),
    message,
    fields: 'nonce' in event ? { ...fields, nonce: event.nonce.toString() } : fields,
  };
}

export function logEvent(logger: Logger, event: AnchorEvent): void {
  const line = logLineOf(event);
  if (line !== undefined) logger[line.level](line.fields, line.message);
}

function levelOf(event: AnchorEvent): 'info' | 'warn' | 'error' {
  // That a rival won is what replacing is for.
  if (event.event === 'failed' && event.cause === 'superseded') return 'info';
  if (event.event === 'trouble_begins' && event.cause === 'internal') return 'error';
  return EVENT_LINES[event.event].level;
}
