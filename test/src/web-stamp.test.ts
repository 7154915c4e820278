import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chainReaders, fromHex, type Proof, verifyProof } from '@chronos/shared';
import { strFromU8, unzipSync } from 'fflate';
import type { Browser } from 'playwright-core';
import { accessibilityFaults } from './support/axe.js';
import { openPage, startBrowser, type Watched } from './support/browser.js';
import { downloaded } from './support/download.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';
import { allFinal, expectOnlyDigests, head, holdProofs, PATIENCE, row, sha256 } from './support/stamp-page.js';

// Stamping in a real browser against the real service.

const GIGABYTE = 1_000_000_000;

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

async function openStart(options: Parameters<typeof openPage>[1] = {}): Promise<Watched> {
  const watched = await openPage(browser, options);
  await watched.page.goto(service.url, { waitUntil: 'networkidle' });
  return watched;
}

function makeFile(name: string, content = ''): string {
  const path = join(temporary.folder, name);
  writeFileSync(path, content);
  return path;
}

async function verify(digest: string, proof: unknown): Promise<string> {
  return (await verifyProof(fromHex(digest), proof, (chain) => chainReaders(chain, [service.rpcUrl]))).code;
}

test('a file is cancelled while it is hashed, and never sent', async () => {
  const large = makeFile('unwanted.bin');
  truncateSync(large, GIGABYTE);
  const { context, page, requests, faults } = await openStart();
  await page.setInputFiles('[data-files]', large);
  await page.getByRole('button', { name: 'Cancel unwanted.bin' }).click();
  await page.getByText('unwanted.bin').waitFor({ state: 'detached' });
  // What comes after it is hashed and stamped: the worker is free again.
  await page.setInputFiles('[data-files]', makeFile('wanted.txt', 'wanted'));
  await allFinal(page, 1);
  expectOnlyDigests(requests, service.url, [sha256('wanted')]);
  expect(faults).toEqual([]);
  await context.close();
}, 120_000);

describe('blinding', () => {
  test('hides the digest from the service; the proof of the file itself verifies all the same, and is completed after a reload', async () => {
    const { context, page, requests, faults } = await openStart();
    const release = await holdProofs(page);
    await page.getByRole('switch', { name: 'Blind the fingerprint' }).check();
    await page.setInputFiles('[data-files]', makeFile('guessable.txt', 'yes'));
    await page
      .getByText(/Window closes in|anchoring/)
      .first()
      .waitFor(PATIENCE);
    await page.reload();
    release();
    await allFinal(page, 1);
    const { bytes } = await downloaded(page, page.getByRole('button', { name: 'Download the proof' }));
    const proof = JSON.parse(bytes.toString()) as Proof;
    expect(proof.digest.value).toBe(sha256('yes'));
    expect(proof.blinding).toMatch(/^[0-9a-f]{32}$/);
    expect(await verify(sha256('yes'), proof)).toBe('ok');
    expect(await page.getByText('Without it nobody can check the proof').isVisible()).toBe(true);
    expect(JSON.stringify(requests)).not.toContain(sha256('yes'));
    expect(JSON.stringify(requests)).not.toContain(proof.blinding);
    expect(faults).toEqual([]);
    await context.close();
  }, 90_000);
});

describe('what was stamped here', () => {
  test('is remembered, goes on after a reload, and can be forgotten, one and all', async () => {
    const { context, page, faults } = await openStart();
    const release = await holdProofs(page);
    await page.setInputFiles('[data-files]', [
      makeFile('one.txt', 'one'),
      makeFile('two.txt', 'two'),
      makeFile('twin.txt', 'one'),
    ]);
    await page.getByText('3 on their way').waitFor(PATIENCE);
    await page.reload();
    release();
    await allFinal(page, 3);
    await head(page, 'twin.txt').click();
    await row(page, 'twin.txt').getByText('Same content as one.txt.').waitFor();
    await page.getByRole('button', { name: 'Forget twin.txt' }).click();
    await head(page, 'twin.txt').waitFor({ state: 'detached' });
    await page.reload();
    await allFinal(page, 2);
    await page.getByRole('button', { name: 'Forget all' }).click();
    expect(await page.getByText(/Forget 2 entries here/).isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Yes, forget' }).click();
    await page.getByRole('heading', { name: 'How it works' }).waitFor();
    await page.reload({ waitUntil: 'networkidle' });
    expect(await page.getByText('Stamped on this device').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  }, 90_000);

  test('waits while the device is offline, and goes on by itself', async () => {
    const { context, page, faults } = await openStart();
    await page.setInputFiles('[data-files]', makeFile('first.txt', 'first'));
    await page.getByText('1 on its way').waitFor(PATIENCE);
    await context.setOffline(true);
    await page.setInputFiles('[data-files]', makeFile('offline.txt', 'offline'));
    await page.getByText('This device is offline.').waitFor(PATIENCE);
    expect(await page.locator('.tag.fault').count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await context.setOffline(false);
    await allFinal(page, 2);
    expect(await page.getByText('This device is offline.').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  }, 90_000);
});

test('a folder of hundreds of files, with names that repeat in folders below, comes back as one zip of proofs', async () => {
  const folder = join(temporary.folder, 'holiday');
  const expected = new Map<string, string>();
  for (const day of ['monday', 'tuesday']) {
    mkdirSync(join(folder, day), { recursive: true });
    for (let i = 0; i < 150; i++) {
      const content = `${day} ${i}`;
      writeFileSync(join(folder, day, `picture-${i}.jpg`), content);
      expected.set(`holiday/${day}/picture-${i}.jpg.chronos.json`, sha256(content));
    }
  }
  const { context, page, faults, requests } = await openStart();
  await page.setInputFiles('[data-folder]', folder);
  await page.getByRole('button', { name: 'Show more (260 are hidden)' }).waitFor(PATIENCE);
  await allFinal(page, 300);
  const { bytes } = await downloaded(page, page.getByRole('button', { name: 'All 300 proofs (.zip)' }));
  const entries = unzipSync(bytes);
  expect(Object.keys(entries).sort()).toEqual([...expected.keys()].sort());
  const [name, digest] = [...expected][177]!;
  expect(await verify(digest, strFromU8(entries[name]!))).toBe('ok');
  // Submitted in bulk, not one by one.
  expect(requests.filter(({ url }) => url.endsWith('/api/v1/timestamps')).length).toBeLessThan(60);
  expect(faults).toEqual([]);
  await context.close();
}, 120_000);

test('with the keyboard alone: a digest is pasted, a fault is told, the digest is stamped, and its page is reached', async () => {
  const digest = sha256('typed');
  const { context, page, faults } = await openStart();
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the content');
  for (let i = 0; i < 12 && !(await focused()).startsWith('Stamp a digest'); i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type(digest.slice(1));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Line 1 is no SHA-256 digest').waitFor();
  // The focus is back in the field that is wrong.
  await page.keyboard.press('Control+Home');
  await page.keyboard.type(digest[0]!);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await allFinal(page, 1);
  for (let i = 0; i < 30 && (await focused()) !== 'Share its page'; i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'A fingerprint and its timestamp' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/d/${digest}`);
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  expect(faults).toEqual([]);
  await context.close();
}, 90_000);

describe('the page of a digest', () => {
  test('needs no file: it follows what anybody stamped until it is final, and gives the proof', async () => {
    const digest = sha256('shared');
    await fetch(`${service.url}/api/v1/timestamps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ digest }),
    });
    const { context, page, faults } = await openPage(browser);
    await page.goto(`${service.url}/d/${digest}`);
    await page.getByText('The proof is complete.').waitFor({ state: 'attached', ...PATIENCE });
    expect(await page.getByText('Whoever has the file, or its fingerprint, can see here').isVisible()).toBe(true);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    const file = await downloaded(page, page.getByRole('button', { name: 'Download the proof' }));
    expect(file.name).toBe(`${digest}.chronos.json`);
    expect(await verify(digest, file.bytes.toString())).toBe('ok');
    expect(faults).toEqual([]);
    await context.close();
  }, 90_000);

  test('says of an unknown digest that it is unknown, and of an away service that it is away', async () => {
    const { context, page } = await openPage(browser);
    await page.goto(`${service.url}/d/${'00'.repeat(32)}`);
    await page.getByText('The service does not know this fingerprint.').waitFor(PATIENCE);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.route('**/api/**', (route) => route.abort());
    await page.reload();
    await page.getByText('The service does not answer at the moment.').waitFor(PATIENCE);
    await context.close();
  }, 60_000);
});
