import { z } from 'zod';

// The fields that proof files, requests and replies have in common.

/** `bytes` bytes as lower-case hex without `0x`. */
export const hexField = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `must be ${2 * bytes} lower-case hex digits`);

/** A time as all ours are written: ISO 8601, UTC, with milliseconds. */
export const timeField = z.iso.datetime({
  precision: 3,
  error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a time like 2026-11-20T10:00:03.120Z'),
});

/** A safe integer from 0. */
export const countField = z.int().nonnegative();

/** A query parameter that is an integer from `min` to `max`: digits alone, so no `0x10`, `1e3` or empty text. */
export const queryInteger = (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  z
    .string('must be given once')
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
