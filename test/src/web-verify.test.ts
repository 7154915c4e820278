import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { accessibilityFaults } from './support/axe.js';
import { openPage, startBrowser, type Watched } from './support/browser.js';
import { freePorts, type LocalService, startService, temporaryFolder } from './support/service.js';
import {
  ALL_PASSED,
  CHAIN,
  drop,
  file,
  give,
  outcome,
  proofFile,
  sha256,
  type Stamped,
  stampAll,
  stepStates,
  trustChain,
} from './support/verify-page.js';

// The verify page in a real browser, against the real chain; at the end without the service, and from a disk.

let temporary: ReturnType<typeof temporaryFolder>;
let service: LocalService;
let browser: Browser;
let plain: Stamped;
let other: Stamped;
let blinded: Stamped;

beforeAll(async () => {
  temporary = temporaryFolder();
  [service, browser] = await Promise.all([
    startService(join(temporary.folder, 'data'), await freePorts()),
    startBrowser(),
  ]);
  [plain, other, blinded] = (await stampAll(service.url, [
    { name: 'minutes.txt', content: 'We agreed on 3,000 at the meeting.\n' },
    { name: 'empty.bin', content: '' },
    { name: 'secret – 秘密.txt', content: 'nobody may guess this', isBlinded: true },
  ])) as [Stamped, Stamped, Stamped];
}, 180_000);

afterAll(async () => {
  await browser.close();
  await service.stop();
  temporary.remove();
}, 60_000);

/** Opens the verify page, which asks `endpoint`, the chain of the test where none is given. */
async function visit(
  { endpoint = service.rpcUrl, path = '/verify' }: { endpoint?: string; path?: string } = {},
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const watched = await openPage(browser, options);
  await trustChain(watched.context, endpoint);
  await watched.page.goto(service.url + path, { waitUntil: 'networkidle' });
  return watched;
}

const verified = (page: Page) => page.getByText('Verified', { exact: true });

describe('a document and its proof', () => {
  test.each<[string, (page: Page) => Promise<void>]>([
    ['chosen together', (page) => give(page, plain.document, plain.proofFile)],
    ['dropped together, the proof first', (page) => drop(page, plain.proofFile, plain.document)],
    [
      'given one after the other',
      async (page) => {
        await give(page, plain.document);
        await page.getByText('Now give its proof').waitFor();
        await drop(page, plain.proofFile);
      },
    ],
    [
      'given the proof first',
      async (page) => {
        await drop(page, plain.proofFile);
        await page.getByText('Now give the file that this proof is about: minutes.txt.').waitFor();
        await give(page, plain.document);
      },
    ],
  ])('%s, are verified; the chain is asked from here, the service not at all', async (_, act) => {
    const { context, page, faults, requests } = await visit();
    const before = requests.length;
    await act(page);
    await verified(page).waitFor();
    expect(await stepStates(page)).toEqual(ALL_PASSED);
    const time = (plain.proof.anchors[0] as { block: { time: string } }).block.time;
    const [day, clock] = time.split('T') as [string, string];
    await page.getByText(`(${day} ${clock.slice(0, 8)} UTC)`).waitFor();
    await page.getByText('A local test chain proves nothing to anybody else').waitFor();
    const asked = new Set(requests.slice(before).map(({ url }) => new URL(url).origin));
    expect([...asked]).toEqual([new URL(service.rpcUrl).origin]);
    expect(JSON.stringify(requests.slice(before))).not.toContain(plain.proof.digest.value);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('several pairs at once find each other, whatever their order; one is taken away, all are cleared', async () => {
    const { context, page } = await visit();
    await give(
      page,
      other.proofFile,
      plain.document,
      blinded.document,
      plain.proofFile,
      other.document,
      blinded.proofFile,
    );
    await page.waitForFunction(() => document.querySelectorAll('.step.ok').length === 21);
    expect(await page.getByRole('article').count()).toBe(3);
    await page.getByRole('article', { name: 'secret – 秘密.txt' }).getByText('the service never saw it').waitFor();
    await page.getByRole('button', { name: 'Remove minutes.txt' }).click();
    expect(await page.getByRole('article').count()).toBe(2);
    await page.getByRole('button', { name: 'Clear all' }).click();
    expect(await page.getByRole('article').count()).toBe(0);
    await context.close();
  });

  test('a pasted digest, or one in the address, stands for the document', async () => {
    const { context, page } = await visit();
    await page.getByText('Paste the digest instead of the file').click();
    await page.getByLabel('SHA-256 digests, one a line').fill('abc');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('Line 1 is no SHA-256 digest').waitFor();
    await page.getByLabel('SHA-256 digests, one a line').fill(`${plain.proof.digest.value}  minutes.txt`);
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('Now give its proof').waitFor();
    await give(page, plain.proofFile);
    await verified(page).waitFor();
    await page.getByText('A file with this digest existed no later than').waitFor();
    await context.close();
    const linked = await visit({ path: `/verify#${plain.proof.digest.value}` });
    await linked.page.getByText('Now give its proof').waitFor();
    await give(linked.page, plain.proofFile);
    await verified(linked.page).waitFor();
    expect(linked.requests.filter(({ url }) => url.includes(plain.proof.digest.value) && !url.includes('#'))).toEqual(
      [],
    );
    await linked.context.close();
  });

  test('the keyboard alone suffices', async () => {
    const { context, page } = await visit();
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).focus();
    await page.keyboard.press('Enter');
    await (await choosing).setFiles([plain.document, plain.proofFile]);
    await verified(page).waitFor();
    await page.getByRole('button', { name: 'Remove minutes.txt' }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('article').waitFor({ state: 'detached' });
    await context.close();
  });
});

describe('what is refused', () => {
  test('one altered byte: the proof is not of this file', async () => {
    const { context, page } = await visit();
    const altered = Buffer.from(plain.document.buffer);
    altered[5]! ^= 1;
    await give(page, { ...plain.document, buffer: altered }, plain.proofFile);
    await outcome(page, 'This proof is not of this file');
    await page.getByText('were it by one bit').waitFor();
    expect(await stepStates(page)).toEqual(['ok', 'failed', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']);
    expect(await page.getByText('Verified', { exact: true }).count()).toBe(0);
    await context.close();
  });

  let narrow: Watched;
  beforeAll(async () => {
    narrow = await visit({}, { viewport: { width: 360, height: 800 } });
  });
  afterAll(() => narrow.context.close());

  const anchorWith = (change: object) => ({ anchors: plain.proof.anchors.map((anchor) => ({ ...anchor, ...change })) });
  test.each<[string, string, () => object, string | undefined]>([
    ['malformed_proof', 'This is no proof', () => ({ salt: 'zz' }), undefined],
    ['unsupported_format', 'does not know this kind of proof', () => ({ format: 'chronos-proof/2' }), undefined],
    ['path_mismatch', 'The proof does not hold', () => ({ salt: '0'.repeat(32) }), undefined],
    ['log_mismatch', 'The proof does not hold', () => ({ window: { ...plain.proof.window, id: 3 } }), undefined],
    ['pending', 'The proof is not complete yet', () => ({ anchors: [] }), undefined],
    [
      'anchor_not_found',
      'The chain does not know the transaction',
      () => anchorWith({ transaction: `0x${'9'.repeat(64)}` }),
      undefined,
    ],
    [
      'anchor_mismatch',
      'The chain says otherwise',
      () => anchorWith({ contract: `0x${'1'.repeat(40)}` }),
      'no entry of the contract',
    ],
    [
      'chain_unreachable',
      'The chain could not be asked',
      () => anchorWith({ chain: 'eip155:5' }),
      'knows no endpoint of this chain',
    ],
  ])('%s is told in words, accessibly, and in German', async (code, title, change, closer) => {
    const { page } = narrow;
    await give(page, plain.document, proofFile('minutes.txt', { ...plain.proof, ...change() }));
    await outcome(page, title);
    if (closer !== undefined) await page.getByText(closer).waitFor();
    await page.getByText('Technical details').click();
    await page.locator('details[open] code', { hasText: code }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await page.getByRole('heading', { level: 1, name: 'Eine Datei prüfen' }).waitFor();
    expect(await page.locator('.verdict').innerText()).not.toContain(title);
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');
    await page.getByRole('button', { name: 'Clear all' }).click();
  });

  test('a block that is not final yet; it is when it is asked again', async () => {
    const { context, page } = await visit();
    let isFinal = false;
    await page.route(`${service.rpcUrl}/**`, async (route) => {
      const isAsked = route.request().postData()?.includes('"finalized"') === true;
      if (isFinal || !isAsked) return route.fallback();
      const response = await route.fetch();
      const answer = (await response.json()) as { result: { number: string } };
      answer.result.number = '0x0';
      return route.fulfill({ response, json: answer });
    });
    await give(page, plain.document, plain.proofFile);
    await outcome(page, 'Not final yet');
    expect((await stepStates(page)).slice(-2)).toEqual(['ok', 'failed']);
    isFinal = true;
    await page.getByRole('button', { name: 'Check again', exact: true }).click();
    await verified(page).waitFor();
    await context.close();
  });

  test('files of others are told what they are', async () => {
    const { context, page } = await visit();
    await give(page, file('minutes.txt.ots', Buffer.from('\0OpenTimestamps\0\0Proof\0', 'latin1')));
    await page.getByText('This is a proof of OpenTimestamps').waitFor();
    await page.getByRole('button', { name: 'Clear all' }).click();
    await give(page, file('chainpoint.json', '{"@context":"https://w3id.org/chainpoint/v3"}'));
    await page.getByText('This JSON file is no proof of Chronos').waitFor();
    await context.close();
  });

  test('a name that would turn the text around is shown by its codes', async () => {
    const { context, page } = await visit();
    await give(page, { ...plain.document, name: 'minutes\u202etxt.exe' }, plain.proofFile);
    await verified(page).waitFor();
    await page.getByRole('heading', { name: 'minutes\\u{202e}txt.exe' }).waitFor();
    await context.close();
  });
});

describe('the endpoints', () => {
  let silent: Server;
  let silentUrl: string;
  beforeAll(async () => {
    // A node as such, but one that says nothing of CORS.
    silent = createServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => silent.close(resolve)));

  test('are seen and changed, remembered here, and can be put back', async () => {
    const { context, page } = await visit({ endpoint: silentUrl });
    await give(page, plain.document, plain.proofFile);
    await outcome(page, 'The chain could not be asked');
    await page.getByText('does not let web pages ask it').waitFor();
    const field = page.getByLabel(`Endpoints for local test chain (${CHAIN})`);
    expect(await field.inputValue()).toBe(silentUrl);
    await field.fill('ftp://node.example');
    await page.keyboard.press('Enter');
    await page.getByText('ftp://node.example is no address').waitFor();
    await field.fill('http://node.example');
    await page.keyboard.press('Enter');
    await page.getByText('a browser lets a page ask https:// only').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await field.fill(service.rpcUrl);
    await page.getByRole('button', { name: 'Use and check again' }).click();
    await verified(page).waitFor();
    await page.getByText(`${service.rpcUrl} confirms it`).waitFor();
    await page.reload();
    await give(page, plain.document, plain.proofFile);
    await verified(page).waitFor();
    await page.getByRole('button', { name: 'Back to the public ones' }).click();
    expect(await field.inputValue()).toBe('http://127.0.0.1:7445');
    await context.close();
  });

  test('that do not agree, or serve another chain, or nothing, are no confirmation', async () => {
    const { context, page } = await visit({ endpoint: `${service.rpcUrl} ${silentUrl}` });
    await give(page, plain.document, plain.proofFile);
    await outcome(page, 'The chain could not be asked');
    await page.getByText(`${service.rpcUrl} confirms it`).waitFor();
    await page.getByText(`${silentUrl} does not confirm it`).waitFor();
    await context.close();
    const elsewhere = await visit();
    await elsewhere.page.route(`${service.rpcUrl}/**`, async (route) => {
      if (route.request().postData()?.includes('eth_chainId') !== true) return route.fallback();
      const response = await route.fetch();
      return route.fulfill({ response, json: { ...((await response.json()) as object), result: '0x1' } });
    });
    await give(elsewhere.page, plain.document, plain.proofFile);
    await elsewhere.page.getByText('serves another chain').waitFor();
    await elsewhere.context.close();
  });
});

describe('an incomplete proof', () => {
  test.each(['plain', 'blinded'])('that is %s is completed by the service, and saved', async (which) => {
    const stamped = which === 'plain' ? plain : blinded;
    const { context, page, requests } = await visit();
    const { name } = stamped.document;
    await give(page, stamped.document, proofFile(name, { ...stamped.proof, anchors: [] }));
    await outcome(page, 'The proof is not complete yet');
    await page.getByRole('button', { name: 'Fetch the proof from the service' }).click();
    await verified(page).waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the complete proof' }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe(`${name}.chronos.json`);
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(stamped.proof);
    // Of a blinded document the service learns nothing but what it knew.
    if (which === 'blinded') expect(JSON.stringify(requests)).not.toContain(sha256(stamped.document.buffer));
    await context.close();
  });
});

test.each(['light', 'dark'] as const)('every state is accessible: %s', async (colorScheme) => {
  const { context, page } = await visit({}, { colorScheme });
  expect(await accessibilityFaults(page)).toEqual([]);
  await give(page, plain.document, other.proofFile, blinded.document, blinded.proofFile);
  await outcome(page, 'This proof is not of this file');
  await verified(page).waitFor();
  await drop(page, file('alone.txt', 'alone'));
  await page.getByRole('article', { name: 'alone.txt' }).getByText('Now give its proof').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await context.close();
});

describe('without the service', () => {
  let saved: string;
  let loaded: Watched;

  beforeAll(async () => {
    loaded = await visit();
    const { page } = loaded;
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save chronos-verify.html' }).click();
    saved = join(temporary.folder, 'chronos-verify.html');
    await (await saving).saveAs(saved);
    // Whoever comes by its address gets it as a file, too: our policy would let its code not run.
    const served = await fetch(`${service.url}/chronos-verify.html`);
    expect(served.headers.get('content-disposition')).toBe('attachment');
    expect(sha256(await served.text())).toBe(await page.locator('code', { hasText: /^[0-9a-f]{64}$/ }).innerText());
    await service.stopService();
  }, 60_000);

  test('the page that is loaded goes on verifying', async () => {
    const { page, faults, context } = loaded;
    await expect(fetch(service.url)).rejects.toThrow();
    await give(page, plain.document, plain.proofFile);
    await verified(page).waitFor();
    await page.getByRole('button', { name: 'Clear all' }).click();
    await give(page, plain.document, proofFile('minutes.txt', { ...plain.proof, anchors: [] }));
    await page.getByRole('button', { name: 'Fetch the proof from the service' }).click();
    await page.getByText('The service does not answer.').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('the page as one file has the digest that the page tells, and holds all that it needs', async () => {
    const html = await readFile(saved, 'utf8');
    const told = await readFile(new URL('../../packages/web/dist/page/chronos-verify.html', import.meta.url), 'utf8');
    expect(sha256(html)).toBe(sha256(told));
    expect(html).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)=/);
  });

  test('it verifies from a disk, altered bytes are refused, and it asks nobody but the chain', async () => {
    const { context, page, faults, requests } = await openPage(browser, { locale: 'de-DE' });
    await writeFile(join(temporary.folder, 'minutes.txt'), plain.document.buffer);
    await page.goto(`file://${saved}`);
    await page.getByRole('heading', { level: 1, name: 'Eine Datei prüfen' }).waitFor();
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');
    await give(page, plain.document, plain.proofFile);
    // The table's endpoint of the local chain is not the one of this test.
    const field = page.getByLabel(`Endpoints for local test chain (${CHAIN})`);
    await field.fill(service.rpcUrl);
    await page.getByRole('button', { name: 'Use and check again' }).click();
    await verified(page).waitFor();
    expect(await stepStates(page)).toEqual(ALL_PASSED);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear all' }).click();
    await give(page, { ...plain.document, buffer: Buffer.from('altered') }, plain.proofFile);
    await outcome(page, 'This proof is not of this file');
    const origins = new Set(
      requests
        .map(({ url }) => url)
        .filter((url) => url.startsWith('http'))
        .map((url) => new URL(url).origin),
    );
    expect([...origins].filter((origin) => origin !== 'http://127.0.0.1:7445')).toEqual([service.rpcUrl]);
    expect(faults.filter((fault) => !fault.includes('127.0.0.1:7445'))).toEqual([]);
    await context.close();
  });
});
