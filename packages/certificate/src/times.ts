import type { Words } from './words/words.js';

/** `2026-11-20 10:41:03 UTC`. Milliseconds are kept where there are some: cut off, "no later than" would claim too much. */
export function plainUtc(iso: string): string {
  const [day, time = ''] = iso.replace('Z', '').split('T');
  return `${day} ${time.replace(/\.000$/, '')} UTC`;
}

/** The moment in words, in UTC. */
export function utcInWords(iso: string, words: Words): string {
  return inWords(iso, 'UTC', words);
}

/**
 * The moment in words, in a time zone of the IANA's names, with its distance from UTC; undefined where that is UTC itself.
 * The parts alone come from Intl, for its texts differ from one version to the next. Throws RangeError for a zone that is none.
 */
export function localInWords(iso: string, timeZone: string, words: Words): string | undefined {
  const ms = Date.parse(iso);
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const part = (type: string) => parts.get(type as Intl.DateTimeFormatPartTypes) ?? NaN;
  const whole = Math.floor(ms / 1000) * 1000;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  if (wall === whole) return undefined;
  const local = new Date(wall + (ms - whole)).toISOString();
  return words.inZone(inWords(local, `(UTC${offset((wall - whole) / 1000)})`, words), timeZone);
}

function inWords(iso: string, zone: string, words: Words): string {
  const [day = '', time = ''] = iso.replace('Z', '').split('T');
  const [year = '', month, dayOfMonth] = day.split('-');
  const parts = { year, month: Number(month), day: Number(dayOfMonth), clock: time.replace(/\.000$/, '') };
  return words.time(parts, zone);
}

function offset(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${seconds < 0 ? '−' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
