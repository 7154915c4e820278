import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  entryHash,
  formatProof,
  fromHex,
  leafHash,
  parseProof,
  type Proof,
  toHex,
  windowRecord,
} from '@chronos/shared';
import { makeCertificate } from '../certificate.js';
import type { CertificateInput } from '../model.js';
import { readFonts } from '../node-fonts.js';
import { BLINDED, goodProofs, LONG } from '../testing/good-proofs.js';
import { type ReadPdf, readPdf } from '../testing/read-pdf.js';
import { runInBash } from '../testing/shell.js';
import { certificatePdf, type Fonts } from './certificate-pdf.js';

const A4_WIDTH = 595.28;

let fonts: Fonts<Uint8Array>;
let proofs: Map<string, Proof>;
beforeAll(async () => {
  fonts = await readFonts();
  proofs = goodProofs();
});

function pdfOf(changes: Partial<CertificateInput> = {}): Promise<Uint8Array> {
  const certificate = makeCertificate({
    proof: proofs.get(LONG)!,
    language: 'en',
    timeZone: 'Europe/Berlin',
    serviceUrl: 'https://chronos.example',
    endpoints: [],
    fileName: 'contract.pdf',
    ...changes,
  });
  return certificatePdf(certificate, fonts);
}

/** The lines between one that starts with `from` and the next that starts with `to`, page by page, without the foot of the pages. */
function linesBetween({ pages }: ReadPdf, from: string, to: string): string[] {
  const lines = pages.flatMap((page) => page.filter((line) => !line.startsWith('Page ')));
  const start = lines.findIndex((line) => line.startsWith(from));
  const end = lines.findIndex((line, index) => index > start && line.startsWith(to));
  expect(start).toBeGreaterThan(-1);
  return lines.slice(start + 1, end === -1 ? undefined : end);
}

/** What a step's commands print, and what the comments behind them say that they print. */
function follow(
  lines: readonly string[],
  files: Record<string, string> = {},
): { printed: string[]; expected: string[] } {
  const expected = lines.filter((line) => line.startsWith('# ')).map((line) => line.slice(2));
  return { printed: runInBash(lines, files), expected };
}

describe('the PDF', () => {
  test('is the same bytes for the same proof, and others for another language', async () => {
    const [one, again, german] = await Promise.all([pdfOf(), pdfOf(), pdfOf({ language: 'de' })]);
    expect(Buffer.compare(one, again)).toBe(0);
    expect(Buffer.compare(one, german)).not.toBe(0);
    expect(one.byteLength).toBeLessThan(300_000);
  });

  test('has a title, a language, and every text tagged with what it is', async () => {
    const { info, roles, alts } = await readPdf(await pdfOf({ language: 'de' }));
    expect(info).toMatchObject({ Title: 'Zeitstempel-Zertifikat', Language: 'de' });
    expect([...roles]).toEqual(
      expect.arrayContaining(['Document', 'H1', 'H2', 'P', 'Table', 'TH', 'TD', 'L', 'LI', 'Code', 'Figure']),
    );
    expect(alts).toEqual([expect.stringContaining('https://chronos.example/verify#')]);
  });

  test('carries the proof twice: as an attached file, exactly, and printed', async () => {
    const proof = { ...proofs.get(LONG)!, note: `für später 契約 "\\" ${'long '.repeat(60)}` };
    const read = await readPdf(await pdfOf({ proof }));
    expect(read.attachments).toEqual([{ name: 'contract.pdf.chronos.json', content: formatProof(proof) }]);
    const [, ...printed] = linesBetween(read, 'The proof file', 'nothing');
    expect(parseProof(printed.join(''))).toEqual(proof);
  });

  test('its commands, copied from it and run, lead from the digest to the roots', async () => {
    const document = 'We agreed on 3,000 at the meeting.\n';
    const proof = proofOf(createHash('sha256').update(document).digest());
    const read = await readPdf(await pdfOf({ proof }));
    const digest = runInBash(linesBetween(read, '1. ', '2. '), { FILE: document });
    expect(digest).toEqual([`${proof.digest.value}  FILE`]);
    const root = follow(linesBetween(read, '2. ', 'The last value'));
    expect(root.printed).toEqual(root.expected);
    expect(root.printed.at(-1)).toBe(proof.inclusion?.root);
  });

  test.each([[LONG], [BLINDED], ['good: window of 1, leaf 0, log index 8']])('so do those of "%s"', async (name) => {
    const proof = proofs.get(name)!;
    const read = await readPdf(await pdfOf({ proof }));
    // A step that goes over to the next page is met by copying both parts.
    const toRoot = linesBetween(read, '2. ', 'The last value');
    const toLog = linesBetween(read, '3. ', '4. ').filter((line) => /^(x=|# )/.test(line));
    const both = follow([...toRoot, ...toLog]);
    expect(both.printed).toEqual(both.expected);
    expect(both.printed).toContain(proof.inclusion?.root);
    expect(both.printed.at(-1)).toBe(proof.log?.root);
    expect(both.printed).toHaveLength(
      2 +
        (proof.blinding === undefined ? 0 : 1) +
        (proof.inclusion?.path.length ?? 0) +
        2 +
        (proof.log?.path.length ?? 0),
    );
  });

  test('names of any script, of nothing, or made to mislead neither break it nor turn its text', async () => {
    const names = [
      '契約書 💼 עברית العربية हिन्दी ไทย.pdf',
      '\u202efdp.exe',
      'e\u0301\u0301\u0301',
      '\ud800',
      `${'x'.repeat(5000)}.pdf`,
      '',
    ];
    for (const fileName of names) {
      const { pages } = await readPdf(await pdfOf({ fileName }));
      expect(pages[0]!.join('\n')).toContain('20 November 2026, 10:00:33 UTC');
      expect(pages.flat().join('')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
    }
    const { pages } = await readPdf(await pdfOf({ fileName: 'א契.pdf' }));
    expect(pages[0]!.join('\n')).toContain('\\u{5d0}\\u{5951}.pdf');
  });

  test('no line of it runs over the edge, and every page has its number', async () => {
    const { pages, right } = await readPdf(await pdfOf({ language: 'de', fileName: 'w'.repeat(150) }));
    expect(right).toBeLessThan(A4_WIDTH - 50);
    pages.forEach((page, index) => expect(page.join(' ')).toContain(`Seite ${index + 1} von ${pages.length}`));
  });
});

/** A proof of a document alone in its window, and in the log. */
function proofOf(digest: Uint8Array): Proof {
  const proof = structuredClone(proofs.get('good: window of 1, leaf 0, log index 8')!);
  const leaf = leafHash(entryHash(digest, fromHex(proof.salt)));
  const log = leafHash(windowRecord(proof.window.id, 1, leaf));
  return {
    ...proof,
    digest: { ...proof.digest, value: toHex(digest) },
    inclusion: { leafIndex: 0, treeSize: 1, path: [], root: toHex(leaf) },
    log: { index: 0, treeSize: 1, path: [], root: toHex(log) },
  };
}
