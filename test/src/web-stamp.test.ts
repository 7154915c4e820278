import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chainReaders, fromHex, type Proof, verifyProof } from '@chronos/shared';
import { strFromU8, unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from './support/axe.js';
import { openPage, startBrowser, type Watched } from './support/browser.js';
import { downloaded } from './support/download.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';

// Stamping in a real browser against the real service.

const GIGABYTE = 1_000_000_000;
const PATIENCE = { timeout: 60_000 };

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

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function verify(digest: string, proof: unknown): Promise<string> {
  return (await verifyProof(fromHex(digest), proof, (chain) => chainReaders(chain, [service.rpcUrl]))).code;
}

/** The button that shows a file's details, and the file's row. */
const head = (page: Page, name: string) => page.locator('.stamp-name', { hasText: name });
const row = (page: Page, name: string) => page.locator('.stamp-row', { has: head(page, name) });
const allFinal = (page: Page, count: number) =>
  page.getByText(count === 1 ? '1 proof complete' : `${count} proofs complete`, { exact: true }).waitFor(PATIENCE);

/** Holds complete proofs back until it is told to let them through, so that what comes before can be looked at. */
async function holdProofs(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/api\/v1\/proofs/, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** The most memory that a renderer ever had, in bytes. */
async function rendererPeak(): Promise<number> {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
  return Math.max(...peaks.map((kilobytes) => Number(kilobytes) * 1024));
}

describe('three files, one of them empty and one of a gigabyte', () => {
  test('are hashed, stamped, followed until final, downloaded and verified; only their digests leave the device', async () => {
    const large = makeFile('secret-recording.bin');
    truncateSync(large, GIGABYTE);
    const largeHash = createHash('sha256');
    await pipeline(createReadStream(large), largeHash);
    const digests = new Map([
      ['secret-plan.txt', sha256('We meet at dawn.')],
      ['secret-nothing.txt', sha256('')],
      ['secret-recording.bin', largeHash.digest('hex')],
    ]);
    const { context, page, faults, requests } = await openStart();
    const release = await holdProofs(page);
    await page.setInputFiles('[data-files]', [
      makeFile('secret-plan.txt', 'We meet at dawn.'),
      makeFile('secret-nothing.txt'),
      large,
    ]);
    await page.getByText(/hashing, \d+ %/).waitFor(PATIENCE);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page
      .getByText(/Window closes in 0:0\d|anchoring/)
      .first()
      .waitFor(PATIENCE);
    expect(await accessibilityFaults(page)).toEqual([]);

    const early = await downloaded(page, page.getByRole('button', { name: 'Download the incomplete proof' }));
    expect((JSON.parse(early.bytes.toString()) as Proof).anchors).toEqual([]);

    release();
    await allFinal(page, 3);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    expect(await page.getByText(/Existed no later than/).isVisible()).toBe(true);
    expect(
      await page.getByText('A local test chain proves nothing to anybody else: this is a trial.').isVisible(),
    ).toBe(true);
    // A gigabyte went through it by pieces of four megabytes.
    expect(await rendererPeak()).toBeLessThan(400_000_000);

    for (const [name, digest] of digests) {
      if ((await head(page, name).getAttribute('aria-expanded')) === 'false') await head(page, name).click();
      const file = await downloaded(page, row(page, name).getByRole('button', { name: 'Download the proof' }));
      expect(file.name).toBe(`${name}.chronos.json`);
      expect([name, await verify(digest, file.bytes.toString())]).toEqual([name, 'ok']);
    }
    const zip = await downloaded(page, page.getByRole('button', { name: 'All 3 proofs (.zip)' }));
    const entries = unzipSync(zip.bytes);
    expect(Object.keys(entries).sort()).toEqual([...digests.keys()].map((name) => `${name}.chronos.json`).sort());
    for (const [name, digest] of digests) {
      expect(await verify(digest, strFromU8(entries[`${name}.chronos.json`]!))).toBe('ok');
    }

    expectOnlyDigests(requests, [...digests.values()]);
    expect(JSON.stringify(requests)).not.toMatch(/secret|dawn/);
    expect(faults).toEqual([]);
    await context.close();
  }, 180_000);

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
    expectOnlyDigests(requests, [sha256('wanted')]);
    expect(faults).toEqual([]);
    await context.close();
  }, 120_000);
});

/** Every request goes to the service, and says nothing but these digests. */
function expectOnlyDigests(requests: Watched['requests'], digests: readonly string[]): void {
  const known = new Set(digests);
  const posts = requests.filter(({ method }) => method !== 'GET');
  for (const { method, url, body } of posts) {
    expect([method, new URL(url).pathname]).toEqual([
      'POST',
      expect.stringMatching(/^\/api\/v1\/(timestamps|proofs)$/),
    ]);
    const { digests: sent, ...rest } = JSON.parse(body!) as { digests: string[] };
    expect(rest).toEqual({});
    expect(sent.filter((digest) => !known.has(digest))).toEqual([]);
  }
  const submitted = posts
    .filter(({ url }) => url.endsWith('/timestamps'))
    .flatMap(({ body }) => (JSON.parse(body!) as { digests: string[] }).digests);
  expect(submitted.sort()).toEqual([...digests].sort());
  for (const { url } of requests.filter(({ method }) => method === 'GET')) {
    if (url.startsWith('blob:')) continue; // a download, made in the page
    const { origin, pathname, search } = new URL(url);
    expect(origin).toBe(service.url);
    expect(pathname + search).toMatch(
      /^\/(|assets\/[\w.-]+|favicon\.svg|api\/v1\/proofs\/[0-9a-f]{64}\?wait=\d+|api\/v1\/windows\/\d+)$/,
    );
    const asked = /proofs\/(\w{64})/.exec(pathname)?.[1];
    if (asked !== undefined) expect(known.has(asked)).toBe(true);
  }
}

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
