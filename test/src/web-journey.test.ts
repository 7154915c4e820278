import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chainReaders, fromHex, type Proof, verifyProof } from '@chronos/shared';
import { strFromU8, unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from './support/axe.js';
import { openPage, startBrowser, type Watched } from './support/browser.js';
import { downloaded } from './support/download.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';
import { allFinal, expectOnlyDigests, holdProofs, open, PATIENCE, sha256 } from './support/stamp-page.js';
import { ALL_PASSED, drop, file, give, outcome, stepStates, trustChain } from './support/verify-page.js';

// The whole way of somebody who stamps three files, one of them empty and one of a gigabyte, in one browser against the real service: each test
// goes on where the one before ended, and in the end the service is gone.

const GIGABYTE = 1_000_000_000;
const PLAN = 'secret-plan.txt';
const EMPTY = 'secret-nothing.txt';
const LARGE = 'secret-recording.bin';
const PLAN_TEXT = 'We meet at dawn.';

let temporary: ReturnType<typeof temporaryFolder>;
let service: LocalService;
let browser: Browser;
let watched: Watched;
let page: Page;
let digests: Map<string, string>;

const at = (name: string) => join(temporary.folder, name);
const proofAt = (name: string) => at(`${name}.chronos.json`);

beforeAll(async () => {
  temporary = temporaryFolder();
  [service, browser] = await Promise.all([startService(at('data'), await freePorts()), startBrowser()]);
  writeFileSync(at(PLAN), PLAN_TEXT);
  writeFileSync(at(EMPTY), '');
  writeFileSync(at(LARGE), '');
  truncateSync(at(LARGE), GIGABYTE);
  const large = createHash('sha256');
  await pipeline(createReadStream(at(LARGE)), large);
  digests = new Map([
    [PLAN, sha256(PLAN_TEXT)],
    [EMPTY, sha256('')],
    [LARGE, large.digest('hex')],
  ]);
  watched = await openPage(browser);
  page = watched.page;
  await trustChain(watched.context, service.rpcUrl);
  await page.goto(service.url, { waitUntil: 'networkidle' });
}, 120_000);

afterAll(async () => {
  await browser.close();
  await service.stop();
  temporary.remove();
}, 60_000);

async function verify(digest: string, proof: string): Promise<string> {
  return (await verifyProof(fromHex(digest), proof, (chain) => chainReaders(chain, [service.rpcUrl]))).code;
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

test('three files are hashed, stamped, followed until final and downloaded; only their digests leave the device', async () => {
  const release = await holdProofs(page);
  await page.setInputFiles('[data-files]', [at(PLAN), at(EMPTY), at(LARGE)]);
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
  expect(await page.getByText('A local test chain proves nothing to anybody else: this is a trial.').isVisible()).toBe(
    true,
  );
  // A gigabyte went through it by pieces of four megabytes.
  expect(await rendererPeak()).toBeLessThan(400_000_000);

  for (const [name, digest] of digests) {
    const saved = await downloaded(page, (await open(page, name)).getByRole('button', { name: 'Download the proof' }));
    expect(saved.name).toBe(`${name}.chronos.json`);
    expect([name, await verify(digest, saved.bytes.toString())]).toEqual([name, 'ok']);
    writeFileSync(proofAt(name), saved.bytes);
  }
  const zip = await downloaded(page, page.getByRole('button', { name: 'All 3 proofs (.zip)' }));
  const entries = Object.entries(unzipSync(zip.bytes)).map(([name, bytes]) => [name, strFromU8(bytes)]);
  const saved = [...digests.keys()].map((name) => [`${name}.chronos.json`, readFileSync(proofAt(name), 'utf8')]);
  expect(entries.sort()).toEqual(saved.sort());

  expectOnlyDigests(watched.requests, service.url, [...digests.values()]);
  expect(JSON.stringify(watched.requests)).not.toMatch(/secret|dawn/);
}, 180_000);

test('a proof that is dropped on the start leads to the verify page, which asks for its document; all three verify', async () => {
  await drop(page, file(`${PLAN}.chronos.json`, readFileSync(proofAt(PLAN))));
  await page.getByRole('heading', { level: 1, name: 'Verify a file' }).waitFor();
  await page.getByText(`Now give the file that this proof is about: ${PLAN}.`).waitFor();
  await give(page, at(LARGE), proofAt(EMPTY), at(PLAN), at(EMPTY), proofAt(LARGE));
  await page.waitForFunction(() => document.querySelectorAll('.step.ok').length === 21, undefined, PATIENCE);
  expect(await page.getByText('Verified', { exact: true }).count()).toBe(3);
}, 120_000);

test('with one byte altered a file is refused, and the check that fails is named', async () => {
  await page.getByRole('button', { name: 'Clear all' }).click();
  await give(page, file(PLAN, 'We meet at down.'), proofAt(PLAN));
  await outcome(page, 'This proof is not of this file');
  expect(await stepStates(page)).toEqual(['ok', 'failed', ...Array.from({ length: 5 }, () => 'waiting')]);
  await page.locator('.step.failed', { hasText: 'The document is the one of the proof: failed' }).waitFor();
  expect(await page.getByText('Verified', { exact: true }).count()).toBe(0);
});

test('from what was stamped, and from the page of a digest, one goes on to verify and to the certificate', async () => {
  await page.getByRole('link', { name: 'Stamp', exact: true }).click();
  const plan = await open(page, PLAN);
  await plan.getByRole('button', { name: 'Verify' }).click();
  await page.getByText(`Now give the file that this proof is about: ${PLAN}.`).waitFor();
  await page.goBack();
  await (await open(page, PLAN)).getByRole('button', { name: 'Certificate' }).click();
  const sheet = page.getByRole('article', { name: 'Timestamp certificate' });
  await sheet.getByText(PLAN).first().waitFor(PATIENCE);
  await sheet.getByText(digests.get(PLAN)!).first().waitFor();

  await page.goBack();
  await (await open(page, PLAN)).getByRole('link', { name: 'Share its page' }).click();
  await page.getByRole('button', { name: 'Verify' }).click();
  // Nothing more to give: the digest stands for the document.
  await page.getByText('A file with this digest existed no later than').waitFor(PATIENCE);
  expect(await stepStates(page)).toEqual(ALL_PASSED);
  await page.goBack();
  await page.getByRole('button', { name: 'Certificate' }).click();
  await sheet.getByText(digests.get(PLAN)!).first().waitFor(PATIENCE);
  expect(watched.faults).toEqual([]);
}, 120_000);

test('with the service gone, the page as one file verifies from the disk, and refuses what was altered', async () => {
  await page.getByRole('link', { name: 'Verify', exact: true }).click();
  const kept = await downloaded(page, page.getByRole('link', { name: 'Save chronos-verify.html' }));
  writeFileSync(at(kept.name), kept.bytes);
  await service.stopService();
  await expect(fetch(service.url)).rejects.toThrow();

  const before = watched.requests.length;
  await page.goto(`file://${at(kept.name)}`);
  await give(page, at(PLAN), proofAt(PLAN), proofAt(EMPTY), at(EMPTY));
  await page.waitForFunction(() => document.querySelectorAll('.step.ok').length === 14, undefined, PATIENCE);
  expect(await page.getByText('Verified', { exact: true }).count()).toBe(2);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await give(page, file(PLAN, 'We meet at down.'), proofAt(PLAN));
  await outcome(page, 'This proof is not of this file');
  const asked = watched.requests.slice(before).filter(({ url }) => url.startsWith('http'));
  expect([...new Set(asked.map(({ url }) => new URL(url).origin))]).toEqual([service.rpcUrl]);
  expect(watched.faults).toEqual([]);
}, 120_000);
