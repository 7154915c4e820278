import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Watched } from './browser.js';

// The start of the page, as tests use it.

/** How long a test waits for the service to anchor. */
export const PATIENCE = { timeout: 60_000 };

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The button that shows a file's details. */
export const head = (page: Page, name: string): Locator => page.locator('.stamp-name', { hasText: name });
/** The file's row. */
export const row = (page: Page, name: string): Locator => page.locator('.stamp-row', { has: head(page, name) });

/** Shows a file's details, if they are not shown. */
export async function open(page: Page, name: string): Promise<Locator> {
  if ((await head(page, name).getAttribute('aria-expanded')) === 'false') await head(page, name).click();
  return row(page, name);
}

export function allFinal(page: Page, count: number): Promise<void> {
  const said = count === 1 ? '1 proof complete' : `${count} proofs complete`;
  return page.getByText(said, { exact: true }).waitFor(PATIENCE);
}

/** Holds complete proofs back until it is told to let them through, so that what comes before can be looked at. */
export async function holdProofs(page: Page): Promise<() => void> {
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

/** Every request goes to the service, and says nothing but these digests. */
export function expectOnlyDigests(requests: Watched['requests'], serviceUrl: string, digests: readonly string[]): void {
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
    expect(origin).toBe(serviceUrl);
    expect(pathname + search).toMatch(
      /^\/(|assets\/[\w.-]+|favicon\.svg|api\/v1\/proofs\/[0-9a-f]{64}\?wait=\d+|api\/v1\/windows\/\d+)$/,
    );
    const asked = /proofs\/(\w{64})/.exec(pathname)?.[1];
    if (asked !== undefined) expect(known.has(asked)).toBe(true);
  }
}
