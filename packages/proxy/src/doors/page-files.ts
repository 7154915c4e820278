import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
  wasm: 'application/wasm',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
};

/** A strong one: of the very bytes. */
export function etagOf(bytes: Buffer): string {
  return `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
}

/** A file in one encoding. */
export interface Variant {
  bytes: Buffer;
  etag: string;
}

/** A file of the page, with what the build compressed of it. */
export interface PageFile {
  type: string;
  /** Its name holds the hash of its content: it never changes. */
  immutable: boolean;
  /** The page as one file, with its code within: to be saved and opened from there, as our policy lets no such page run. */
  isToKeep: boolean;
  plain: Variant;
  br?: Variant;
  gzip?: Variant;
}

/** Where the workspace builds the page to, if it has. */
export function builtPageFolder(): string | undefined {
  const folder = fileURLToPath(new URL('../../../web/dist/page', import.meta.url));
  return isPageFolder(folder) ? folder : undefined;
}

export function isPageFolder(folder: string): boolean {
  return existsSync(join(folder, 'index.html'));
}

/** Every file of a built page, by its path on the service. They are few and small, and stay in memory. */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const variant = (file: string): Variant => {
    const bytes = readFileSync(file);
    return { bytes, etag: etagOf(bytes) };
  };
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
    if (type === undefined) continue; // the compressed forms come with their file; anything else is not ours to serve
    const path = name.slice(folder.length).split(sep).join('/');
    files.set(path, {
      ...{
        type,
        immutable: path.startsWith('/assets/'),
        isToKeep: path === '/chronos-verify.html',
        plain: variant(name),
      },
      ...(existsSync(`${name}.br`) ? { br: variant(`${name}.br`) } : {}),
      ...(existsSync(`${name}.gz`) ? { gzip: variant(`${name}.gz`) } : {}),
    });
  }
  return files;
}
