import { findNetwork } from '@chronos/shared';

/** A text from elsewhere (a file's name, a service's message) without what would steer a terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is to be found
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** `2026-11-20 10:00:33 UTC`. Milliseconds are kept where there are some: cut off, "no later than" would claim too much. */
export function utc(iso: string): string {
  const [day, time = ''] = iso.replace('Z', '').split('T');
  return `${day} ${time.replace(/\.000$/, '')} UTC`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** `0:07` */
export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** What a chain is to people, and the warning that belongs to it. */
export function describeChain(chain: string): { title: string; warning?: string } {
  const network = findNetwork(chain);
  if (network === undefined) {
    return {
      title: `chain ${chain}`,
      warning: 'This program does not know this chain: the proof is worth what that chain is worth.',
    };
  }
  const title = `${network.title} (${chain})`;
  if (network.name === 'local') {
    return { title, warning: 'A local test chain proves nothing to anybody else: this is a trial.' };
  }
  return network.name === 'testnet' ? { title, warning: 'A testnet may be wiped: this is a trial.' } : { title };
}

/** An error's sentence. */
export function errorText(error: unknown): string {
  return printable(error instanceof Error ? error.message : 'something failed');
}

/** A name as a POSIX shell takes it back. */
export function shellQuote(name: string): string {
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${printable(name).replaceAll("'", `'\\''`)}'`;
}
