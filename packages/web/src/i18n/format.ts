/** `0:07`, `12:30`: what is left, rounded up, so that zero means over. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `2026-11-20 10:00:33 UTC`. Milliseconds are kept where there are some: cut off, "no later than" would claim too much. */
export function utc(iso: string): string {
  const [day, time = ''] = iso.replace('Z', '').split('T');
  return `${day} ${time.replace(/\.000$/, '')} UTC`;
}

/** Dates, numbers and sizes as a language writes them. */
export class Formats {
  private readonly numbers: Intl.NumberFormat;
  private readonly local: Intl.DateTimeFormat;
  private readonly clock: Intl.DateTimeFormat;

  constructor(private readonly locale: string) {
    this.numbers = new Intl.NumberFormat(locale);
    this.local = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long' });
    this.clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  }

  number(value: number): string {
    return this.numbers.format(value);
  }

  /** Date, time and time zone where the reader is. */
  localTime(iso: string): string {
    return this.local.format(Date.parse(iso));
  }

  timeOfDay(ms: number): string {
    return this.clock.format(ms);
  }

  bytes(count: number): string {
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
    const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1);
    const format = new Intl.NumberFormat(this.locale, {
      ...{ style: 'unit', unit: units[power]!, unitDisplay: power === 0 ? 'long' : 'short' },
      maximumFractionDigits: power === 0 ? 0 : 1,
    });
    return format.format(count / 1000 ** power);
  }
}
