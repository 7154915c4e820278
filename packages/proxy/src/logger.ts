import { type Logger, pino } from 'pino';

export type { Logger };

/** Structured logs, one JSON object a line, on standard output. Bodies and tokens are never given to it. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
