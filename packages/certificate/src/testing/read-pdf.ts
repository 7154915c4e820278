import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

// pdf.js makes a DOMMatrix while it loads, for the drawing that nobody asks of it here; the package that has one for Node is 30 MB large.
Object.assign(globalThis, { DOMMatrix: Object });
const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');

/** What a reader of PDFs finds in one. */
export interface ReadPdf {
  /** The lines of every page, as they would be copied. */
  pages: string[][];
  attachments: { name: string; content: string }[];
  info: Record<string, unknown>;
  /** The kinds of elements it is tagged with, on all pages. */
  roles: Set<string>;
  alts: string[];
  /** How far to the right any text reaches, in points. */
  right: number;
}

interface StructNode {
  role?: string;
  alt?: string;
  children?: StructNode[];
}

/** Opens a PDF with another program than the one that wrote it. */
export async function readPdf(bytes: Uint8Array): Promise<ReadPdf> {
  const loading = getDocument({ data: Uint8Array.from(bytes), verbosity: 0 });
  const document = await loading.promise;
  try {
    return await readDocument(document);
  } finally {
    await loading.destroy();
  }
}

async function readDocument(document: PDFDocumentProxy): Promise<ReadPdf> {
  const read: ReadPdf = { pages: [], attachments: [], info: {}, roles: new Set(), alts: [], right: 0 };
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    let line = '';
    const lines: string[] = [];
    for (const item of items) {
      if (!('str' in item)) continue;
      read.right = Math.max(read.right, (item.transform as number[])[4]! + item.width);
      line += item.str;
      if (item.hasEOL) {
        lines.push(line);
        line = '';
      }
    }
    read.pages.push([...lines, line]);
    visit((await page.getStructTree()) as StructNode, read);
  }
  const attachments = ((await document.getAttachments()) ?? {}) as Record<
    string,
    { filename: string; content: Uint8Array }
  >;
  read.attachments = Object.values(attachments).map(({ filename, content }) => ({
    name: filename,
    content: new TextDecoder().decode(content),
  }));
  const { info } = await document.getMetadata();
  read.info = info as Record<string, unknown>;
  return read;
}

function visit(node: StructNode | null, read: ReadPdf): void {
  if (node === null) return;
  if (node.role !== undefined) read.roles.add(node.role);
  if (node.alt !== undefined) read.alts.push(node.alt);
  for (const child of node.children ?? []) visit(child, read);
}
