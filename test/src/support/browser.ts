import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { ROOT } from './service.js';

// A real Chromium from the npm package @sparticuz/chromium, with the libraries that it comes with: nothing has to be installed. It is for
// Linux on x64; elsewhere CHRONOS_TEST_CHROMIUM names one that is there.

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser's folder, unpacked once for each version. (The package would unpack into the system's temporary folder, for all to write to.) */
async function unpack(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const packed = join(entry.slice(0, entry.lastIndexOf('build')), 'bin');
  const { version } = createRequire(entry)('../../package.json') as { version: string };
  const cache = join(ROOT, 'node_modules', '.cache');
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unpacking = mkdtempSync(`${folder}-`);
  const inflate = (name: string, to: string) =>
    pipeline(
      createReadStream(join(packed, name)),
      createBrotliDecompress(),
      createWriteStream(join(unpacking, to), { mode: 0o755 }),
    );
  await Promise.all([
    inflate('chromium.br', 'chromium'),
    inflate('al2023.tar.br', 'libraries.tar'),
    inflate('fonts.tar.br', 'fonts.tar'),
  ]);
  for (const archive of ['libraries.tar', 'fonts.tar']) {
    execFileSync('tar', ['--extract', '--file', archive], { cwd: unpacking });
    rmSync(join(unpacking, archive));
  }
  try {
    renameSync(unpacking, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(unpacking, { recursive: true }); // another test unpacked it meanwhile
  }
  return folder;
}

/** Starts Chromium, with a profile of its own that goes when it is closed. */
export async function startBrowser(): Promise<Browser> {
  const own = process.env['CHRONOS_TEST_CHROMIUM'];
  if (own !== undefined) return chromium.launch({ executablePath: own, args: FLAGS });
  const folder = await unpack();
  const libraries = [join(folder, 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: FLAGS,
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });
}

/** A page, and what went on behind it. */
export interface Watched {
  context: BrowserContext;
  page: Page;
  /** Violations of the Content-Security-Policy, errors nobody caught, and errors on the console: there should be none. */
  faults: string[];
  /** Every request that it made, its workers' included. */
  requests: { method: string; url: string; headers: Record<string, string>; body: string | null }[];
}

/** Opens a page with nothing remembered from before, and watches it. A request that the test itself breaks off (offline) is no fault. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    ...options,
  });
  const watched: Watched = { context, page: await context.newPage(), faults: [], requests: [] };
  watch(watched, watched.page);
  return watched;
}

function watch({ context, faults, requests }: Watched, page: Page): void {
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() !== 'error' || /net::ERR_|status of \d\d\d/.test(message.text())) return;
    faults.push(message.text());
  });
  context.on('request', (request) => {
    requests.push({
      method: request.method(),
      url: request.url(),
      headers: request.headers(),
      body: request.postData(),
    });
  });
}
