import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ChronosClient, earliestAnchor } from '@chronos/shared';
import type { Browser } from 'playwright-core';
import { accessibilityFaults } from './support/axe.js';
import { openPage, startBrowser, type Watched } from './support/browser.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';

// The page around its parts, in a real browser against the real service.

let temporary: ReturnType<typeof temporaryFolder>;
let service: LocalService;
let browser: Browser;

beforeAll(async () => {
  temporary = temporaryFolder();
  [service, browser] = await Promise.all([
    startService(join(temporary.folder, 'data'), await freePorts()),
    startBrowser(),
  ]);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await service.stop();
  temporary.remove();
}, 60_000);

async function visit(path: string, options: Parameters<typeof openPage>[1] = {}): Promise<Watched> {
  const watched = await openPage(browser, options);
  await watched.page.goto(service.url + path, { waitUntil: 'networkidle' });
  return watched;
}

describe('the first load', () => {
  test('takes less than 100 KB, all files together, and asks nobody but the service', async () => {
    const { context, page, faults, requests } = await openPage(browser);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    let bytes = 0;
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${service.url}/`, { waitUntil: 'networkidle' });
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(100_000);
    expect([...new Set(requests.map(({ url }) => new URL(url).origin))]).toEqual([service.url]);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('every page', () => {
  test.each([
    ['/', 'en', 'Prove when a file existed'],
    ['/', 'de', 'Beweisen, wann eine Datei da war'],
    ['/status', 'en', 'Status of the service'],
    ['/status', 'de', 'Status des Dienstes'],
    ['/nowhere', 'en', 'There is no such page'],
    ['/verify', 'de', 'Eine Datei prüfen'],
    [`/d/${'00'.repeat(32)}`, 'de', 'Ein Fingerabdruck und sein Zeitstempel'],
  ])('%s (%s) is titled, accessible in both themes, and as narrow as a phone', async (path, locale, title) => {
    const { context, page, faults } = await visit(path, { locale, viewport: { width: 320, height: 700 } });
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(await page.title()).toBe(`${title} · Chronos`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('is reached without loading anew, and its heading takes the focus', async () => {
    const { context, page, requests } = await visit('/');
    const documents = () => requests.filter(({ url }) => !/\/(assets|api)\//.test(url)).length;
    const before = documents();
    await page.getByRole('link', { name: 'Status' }).click();
    await page.getByRole('heading', { level: 1, name: 'Status of the service' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/status');
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Prove when a file existed' }).waitFor();
    expect(documents()).toBe(before);
    await context.close();
  });
});

test('without JavaScript a digest is stamped by a plain form, followed, and its proof is there', async () => {
  const digest = 'a5'.repeat(32);
  const { context, page } = await visit('/', { javaScriptEnabled: false, viewport: { width: 320, height: 700 } });
  // Texts and roles within <noscript> are not seen by Playwright's own selectors.
  await page.locator('#plain-digest').fill(digest);
  await page.locator('form[method=post] button').click();
  await page.waitForURL('**/plain/*');
  expect(new URL(page.url()).pathname).toBe(`/plain/${digest}`);
  const { proof } = await new ChronosClient({ baseUrl: service.url }).proof(digest, { waitSeconds: 60 });
  expect(proof.anchors.length).toBe(1);
  // The address to be shared leads here, too.
  await page.goto(`${service.url}/d/${digest}`);
  await page.waitForURL(`**/plain/${digest}`);
  await page.getByRole('heading', { level: 1, name: 'The proof is complete' }).waitFor();
  expect(await page.getByText(earliestAnchor(proof)!.block.time).count()).toBeGreaterThan(0);
  const link = page.getByRole('link', { name: 'Download the proof' });
  expect(await link.getAttribute('href')).toBe(`/api/v1/proofs/${digest}`);
  await context.close();
  // An audit is itself a script; the page is the same with and without.
  const audited = await visit(`/plain/${digest}`, { viewport: { width: 320, height: 700 } });
  for (const colorScheme of ['light', 'dark'] as const) {
    await audited.page.emulateMedia({ colorScheme });
    expect(await accessibilityFaults(audited.page)).toEqual([]);
  }
  expect(await audited.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await audited.page.goto(`${service.url}/plain/${'00'.repeat(32)}`);
  expect(await accessibilityFaults(audited.page)).toEqual([]);
  await audited.context.close();
}, 90_000);

describe('the choices', () => {
  test('a language is taken from the browser, can be changed, and is kept', async () => {
    const { context, page } = await visit('/', { locale: 'de-DE' });
    await page.getByRole('heading', { level: 1, name: 'Beweisen, wann eine Datei da war' }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');
    await page.getByRole('heading', { level: 1, name: 'Prove when a file existed' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Prove when a file existed' }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await context.close();
  });

  test('a browser that names its language in a way of its own gets a page, too', async () => {
    const { context, page, faults } = await openPage(browser);
    await page.addInitScript(`Object.defineProperty(navigator, 'languages', { get: () => ['en-US@posix'] })`);
    await page.goto(service.url);
    await page.getByRole('heading', { level: 1, name: 'Prove when a file existed' }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a theme follows the system until it is chosen, and is kept then', async () => {
    const { context, page } = await visit('/', { colorScheme: 'dark' });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: 'Switch to the light theme' }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Switch to the dark theme' }).waitFor();
    expect(await ground()).toBe(light);
    await context.close();
  });
});

test('the status page shows the service, says when it is away, and goes on when it is back', async () => {
  const { context, page, faults } = await visit('/status');
  await page.getByText('Digests so far').waitFor();
  await page.getByText('eip155:31337').waitFor();
  await context.setOffline(true);
  await page.getByText('This device is offline.').waitFor();
  await context.setOffline(false);
  await page.getByText('This device is offline.').waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
  await context.close();
}, 60_000);
