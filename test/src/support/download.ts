import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';

/** Clicks what offers a file, and gives the file. */
export async function downloaded(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}
