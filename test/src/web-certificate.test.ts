import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Anchor } from '@chronos/shared';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { accessibilityFaults } from './support/axe.js';
import { openPage, startBrowser, type Watched } from './support/browser.js';
import { chronos } from './support/run.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';
import { give, type Stamped, stampAll, trustChain } from './support/verify-page.js';

// The certificate: of the page and of the command, and what it says to type, typed.

const NAME = 'Vertrag (endgültig).txt';

let temporary: ReturnType<typeof temporaryFolder>;
let service: LocalService;
let browser: Browser;
let stamped: Stamped;

beforeAll(async () => {
  temporary = temporaryFolder();
  [service, browser] = await Promise.all([
    startService(join(temporary.folder, 'data'), await freePorts()),
    startBrowser(),
  ]);
  const documents = ['another', 'a third', 'We agreed on 3,000.\n'].map((content) => ({ name: NAME, content }));
  stamped = (await stampAll(service.url, documents))[2]!;
  await writeFile(join(temporary.folder, NAME), stamped.document.buffer);
  await writeFile(join(temporary.folder, stamped.proofFile.name), stamped.proofFile.buffer);
}, 180_000);

afterAll(async () => {
  await browser.close();
  await service.stop();
  temporary.remove();
}, 60_000);

async function visit(path: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const watched = await openPage(browser, options);
  await trustChain(watched.context, service.rpcUrl);
  await watched.page.goto(service.url + path, { waitUntil: 'networkidle' });
  return watched;
}

async function certify(options: BrowserContextOptions = {}): Promise<Watched> {
  const watched = await visit('/verify', { locale: 'en-GB', ...options });
  await give(watched.page, stamped.document, stamped.proofFile);
  await watched.page.getByRole('button', { name: 'Make a certificate' }).click();
  await watched.page.getByRole('heading', { name: 'What is not proved' }).waitFor();
  return watched;
}

async function savedPdf(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const download = await saving;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The command's certificate of the same proof. */
async function commandPdf(...options: string[]): Promise<Buffer> {
  const out = join(temporary.folder, 'command.pdf');
  const document = join(temporary.folder, NAME);
  const settings = ['--url', service.url, '--time-zone', 'Europe/Berlin', '--force'];
  const { code, stderr } = await chronos('certificate', document, '--out', out, ...settings, ...options);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  return readFile(out);
}

describe('the certificate of the page', () => {
  test('is checked against the chain, says what it says, and saves the very bytes that the command makes', async () => {
    const { context, page, faults } = await certify();
    const sheet = page.getByRole('article', { name: 'Timestamp certificate' });
    for (const text of ['not a qualified electronic time stamp', 'Trial only', `by asking ${service.rpcUrl}`, NAME]) {
      await sheet.getByText(text).first().waitFor();
    }
    expect(await accessibilityFaults(page)).toEqual([]);
    const { name, bytes } = await savedPdf(page, 'Save as PDF');
    expect(name).toBe(`${NAME}.certificate.pdf`);
    expect(Buffer.compare(bytes, await commandPdf('--rpc', service.rpcUrl))).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  }, 60_000);

  test('speaks German, is kept when the page is loaded again, and fits a phone and the dark', async () => {
    const { context, page } = await certify({ viewport: { width: 360, height: 800 }, colorScheme: 'dark' });
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await page.reload();
    await page.getByRole('heading', { name: 'Was nicht bewiesen ist' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const { bytes } = await savedPdf(page, 'Als PDF speichern');
    expect(Buffer.compare(bytes, await commandPdf('--language', 'de', '--rpc', service.rpcUrl))).toBe(0);
    await context.close();
  }, 60_000);

  test('is printed without what stands around it', async () => {
    const { context, page } = await certify();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('button', { name: 'Save as PDF' }).isVisible()).toBe(false);
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.getByRole('heading', { name: 'What is proved' }).isVisible()).toBe(true);
    const overflowing = await page
      .locator('.certificate-code')
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
    expect(overflowing).toBe(0);
    await context.close();
  });

  test('is refused where the chain cannot be asked, unless one wants it without; then it says so', async () => {
    const { context, page } = await certify();
    await page.route(`${service.rpcUrl}/**`, (route) => route.abort());
    await page.reload();
    await page.getByText('There is no certificate:').waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
    await page.getByRole('button', { name: 'Make it without asking the chain' }).click();
    await page.getByText('the chain was not asked').waitFor();
    const { bytes } = await savedPdf(page, 'Save as PDF');
    expect(Buffer.compare(bytes, await commandPdf('--offline'))).toBe(0);
    await context.close();
  }, 60_000);

  test('without a proof leads to the verify page', async () => {
    const { context, page } = await visit('/certificate');
    await page.getByRole('link', { name: 'To the verify page' }).click();
    await page.getByRole('heading', { level: 1, name: 'Verify a file' }).waitFor();
    await context.close();
  });
});

test('what the PDF says to type leads from the file to the root, and the chain answers what it says', async () => {
  const testing = (name: string): Promise<object> =>
    import(new URL(`../../packages/certificate/dist/testing/${name}.js`, import.meta.url).href) as Promise<object>;
  const { readPdf } = (await testing('read-pdf')) as { readPdf: (bytes: Uint8Array) => Promise<{ pages: string[][] }> };
  const { runInBash } = (await testing('shell')) as {
    runInBash: (lines: readonly string[], files?: Record<string, Uint8Array>) => string[];
  };
  const { pages } = await readPdf(await commandPdf('--rpc', service.rpcUrl));
  const lines = pages.flat();
  const commands = lines.filter((line) => /^(sha256sum|h\(\)|x=|RPC=|curl|"method"|"params")/.test(line));
  const typed = commands.map((line) => (line.startsWith('RPC=') ? `RPC=${service.rpcUrl}` : line));
  const answers = runInBash(typed, { FILE: stamped.document.buffer });
  expect(answers[0]).toBe(`${stamped.proof.digest.value}  FILE`);
  const [, ...expected] = lines.filter((line) => line.startsWith('# ')).map((line) => line.slice(2));
  expect(answers).toEqual(expect.arrayContaining(expected));
  expect(answers).toContain(stamped.proof.inclusion?.root);
  expect(answers).toContain(stamped.proof.log?.root);

  const said = answers.join('\n').toLowerCase();
  const { block, contract } = stamped.proof.anchors[0] as Anchor;
  expect(commands.filter((line) => line.startsWith('curl'))).toHaveLength(3);
  for (const value of [
    '"status":"0x1"',
    `"blocknumber":"0x${block.number.toString(16)}"`,
    `"blockhash":"${block.hash}"`,
    `"address":"${contract.toLowerCase()}"`,
    `0x${stamped.proof.window.id.toString(16).padStart(64, '0')}`,
    `0x${stamped.proof.inclusion?.root ?? ''}`,
    `"timestamp":"0x${(Date.parse(block.time) / 1000).toString(16)}"`,
  ]) {
    expect(said).toContain(value);
    // And each stands in the PDF, too, for the eye to compare.
    const printed = value.split('"').find((part) => part.startsWith('0x')) ?? '';
    expect(lines.join('\n').toLowerCase()).toContain(printed);
  }
}, 60_000);
