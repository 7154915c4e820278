import { readFileSync, writeFileSync } from 'node:fs';

/** Flips a bit of a file, as a bad disk does. */
export function flipByte(file: string, find: (bytes: Buffer) => number): void {
  const bytes = readFileSync(file);
  const at = find(bytes);
  if (at < 0 || at >= bytes.length) throw new Error(`there is nothing to damage in ${file}`);
  bytes[at]! ^= 0x01;
  writeFileSync(file, bytes);
}
