import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

/** What axe finds against WCAG 2.2 AA and good practice on the page as it stands: one line for each, none where all is well. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // As the browser's own tooling does, and so past the page's Content-Security-Policy.
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(axeSource());
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}: ${html} ${failureSummary}`),
  );
}

let source: string | undefined;
function axeSource(): string {
  return (source ??= readFileSync(axeFile, 'utf8'));
}
