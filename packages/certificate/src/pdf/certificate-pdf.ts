import { create, type Font } from 'fontkit';
import type { Block, Certificate, Fact } from '../model.js';
import { asciiJson } from './printable.js';
import { CONTENT_WIDTH, type Fonts, MONO_WIDTH, MUTED, Sheet } from './sheet.js';

export type { Fonts } from './sheet.js';

const LABEL_WIDTH = 128;
const QR_SIDE = 108;
const ACCENT = '#0b4f6c';
const MONO = { font: 'mono', size: 8, lineHeight: 11.2 } as const;
const PROOF = { font: 'mono', size: 7, lineHeight: 9.4 } as const;
const PADDING = 6;
/** How to check starts a page of its own, unless the one before holds little. */
const CHECK_ROOM = 400;

/** A certificate as a PDF. The fonts are DejaVu's Sans, Sans Bold and Sans Mono, as their TrueType files. The same input makes the same bytes. */
export async function certificatePdf(certificate: Certificate, fontFiles: Fonts<Uint8Array>): Promise<Uint8Array> {
  const { language, title, claim, proof } = certificate;
  // The library takes any bytes; its types ask for Node's.
  const font = (file: Uint8Array) => create(file as Buffer) as Font;
  const fonts = { regular: font(fontFiles.regular), bold: font(fontFiles.bold), mono: font(fontFiles.mono) };
  // A date of its own would make the same proof give other bytes each time; what the file is dated with is the time that it is about.
  const sheet = new Sheet(fonts, { language, title, subject: `${claim.lead} ${claim.utc}`, timeMs: claim.timeMs });
  new Setter(sheet).all(certificate);
  sheet.attach(proof.fileName, proof.json);
  return sheet.end(`Chronos · ${title} · ${claim.utc}`, certificate.pageLabel);
}

class Setter {
  constructor(private readonly sheet: Sheet) {}

  all(certificate: Certificate): void {
    const { sheet } = this;
    this.top(certificate);
    for (const { id, title, blocks } of certificate.sections) {
      sheet.group('Sect', () => {
        if (id === 'check' && sheet.room < CHECK_ROOM) sheet.nextPage();
        this.heading('H2', title, blocks[0]);
        blocks.forEach((block, index) => this.block(block, blocks[index + 1]));
      });
      sheet.space(5);
    }
    sheet.group('Sect', () => this.proof(certificate.proof));
  }

  private top({ title, claim, warning, scan }: Certificate): void {
    const { sheet } = this;
    const width = CONTENT_WIDTH - QR_SIDE - 24;
    const start = sheet.y;
    sheet.text('P', 'CHRONOS', { font: 'bold', size: 9, color: ACCENT, width });
    sheet.space(2);
    sheet.text('H1', title, { font: 'bold', size: 21, width });
    sheet.space(12);
    sheet.text('P', claim.lead, { size: 10.5, width });
    sheet.space(3);
    sheet.text('P', claim.utc, { font: 'bold', size: 14.5, color: ACCENT, width });
    if (claim.local !== undefined) sheet.text('P', claim.local, { size: 9, color: MUTED, width });
    const end = sheet.y;

    const x = sheet.left + CONTENT_WIDTH - QR_SIDE;
    sheet.squares(scan.modules, QR_SIDE, x, start - 8, scan.alt);
    sheet.linkArea(x, start - 8, QR_SIDE, QR_SIDE, scan.url);
    sheet.moveTo(start + QR_SIDE - 8);
    sheet.text('P', scan.title, { font: 'bold', size: 7.5, x: x + 4, width: QR_SIDE - 4, lineGap: 0.5 });
    sheet.text('P', scan.text, { size: 7, color: MUTED, x: x + 4, width: QR_SIDE - 4, lineGap: 0.5 });
    sheet.moveTo(Math.max(end, sheet.y) + 10);
    if (warning === undefined) {
      sheet.rule('#b8c4cc');
    } else {
      const style = {
        font: 'bold',
        size: 9.5,
        color: '#5c3a00',
        x: sheet.left + 10,
        width: CONTENT_WIDTH - 20,
      } as const;
      const height = sheet.heightOf(warning, style);
      sheet.box(height + 12, '#fff0cf');
      sheet.space(7);
      sheet.text('P', warning, style);
      sheet.space(4);
    }
    sheet.space(10);
  }

  private heading(type: 'H2' | 'H3', text: string, first: Block | undefined): void {
    const style =
      type === 'H2' ? ({ font: 'bold', size: 11.5, color: ACCENT } as const) : ({ font: 'bold', size: 9.5 } as const);
    const follows = first?.kind === 'paragraph' ? this.sheet.heightOf(first.text) : 30;
    this.sheet.ensure(this.sheet.heightOf(text, style) + follows + 8);
    this.sheet.space(type === 'H2' ? 4 : 2);
    this.sheet.text(type, text, style);
    this.sheet.space(3);
  }

  private block(block: Block, next?: Block): void {
    switch (block.kind) {
      case 'paragraph':
        return this.paragraph(block.text, next?.kind === 'commands' ? 60 : 0);
      case 'heading':
        return this.heading('H3', block.text, undefined);
      case 'facts':
        return this.sheet.group('Table', () => {
          for (const row of block.rows) this.fact(row);
          this.sheet.space(5);
        });
      case 'list':
        return this.list(block.items);
      case 'commands':
        return this.kept(block.lines, MONO);
    }
  }

  /** `follows`: how much of what comes next has to stand on the same page. */
  private paragraph(text: string, follows = 0): void {
    this.sheet.ensure(this.sheet.heightOf(text) + follows);
    this.sheet.text('P', text);
    this.sheet.space(4);
  }

  private fact({ label, value, note, mono = false, link }: Fact): void {
    const { sheet } = this;
    const x = sheet.left + LABEL_WIDTH;
    const labelStyle = { size: 8.5, color: MUTED, width: LABEL_WIDTH - 10 };
    const valueStyle = mono ? ({ font: 'mono', size: 8.5, x } as const) : ({ size: 9.5, x } as const);
    const noteStyle = { size: 7.5, color: MUTED, x };
    const valueHeight = sheet.heightOf(value, valueStyle) + (note === undefined ? 0 : sheet.heightOf(note, noteStyle));
    const height = Math.max(sheet.heightOf(label, labelStyle), valueHeight);
    sheet.ensure(height);
    const top = sheet.y;
    sheet.group('TR', () => {
      sheet.text('TH', label, labelStyle);
      sheet.moveTo(top);
      sheet.group('TD', () => {
        sheet.text('P', value, valueStyle);
        if (note !== undefined) sheet.text('P', note, noteStyle);
      });
    });
    if (link !== undefined) sheet.linkArea(x, top, CONTENT_WIDTH - LABEL_WIDTH, height, link);
    sheet.moveTo(top + height + 2.5);
  }

  private list(items: readonly string[]): void {
    const { sheet } = this;
    sheet.group('L', () => {
      for (const item of items) {
        const style = { x: sheet.left + 14 };
        sheet.ensure(sheet.heightOf(item, style));
        const top = sheet.y;
        sheet.group('LI', () => {
          sheet.text('Lbl', '•', { x: sheet.left + 3, width: 10 });
          sheet.moveTo(top);
          sheet.text('LBody', item, style);
        });
      }
    });
    sheet.space(4);
  }

  /** Lines kept as they are, on a ground of their own, over as many pages as they need. */
  private kept(lines: readonly string[], style: typeof MONO | typeof PROOF): void {
    const { sheet } = this;
    let rest = hardWrapped(lines, Math.floor((CONTENT_WIDTH - 2 * PADDING) / (style.size * MONO_WIDTH)));
    while (rest.length > 0) {
      sheet.ensure(2 * PADDING + Math.min(3, rest.length) * style.lineHeight);
      const fitting = Math.floor((sheet.room - 2 * PADDING) / style.lineHeight);
      const here = rest.slice(0, fitting);
      const top = sheet.y;
      const height = 2 * PADDING + here.length * style.lineHeight;
      sheet.box(height, '#f2f4f5');
      sheet.moveTo(top + PADDING);
      sheet.lines('Code', here, { ...style, x: sheet.left + PADDING });
      sheet.moveTo(top + height);
      rest = rest.slice(fitting);
      if (rest.length > 0) sheet.nextPage();
    }
    sheet.space(6);
  }

  private proof({ title, text, json }: Certificate['proof']): void {
    this.heading('H2', title, { kind: 'paragraph', text });
    this.paragraph(text);
    this.kept(asciiJson(json).trimEnd().split('\n'), PROOF);
  }
}

/** Lines of at most `columns` characters; never broken beside a space, which would be lost in copying. */
function hardWrapped(lines: readonly string[], columns: number): string[] {
  return lines.flatMap((line) => {
    const parts: string[] = [];
    let rest = line;
    while (rest.length > columns) {
      let end = columns;
      while (end > 1 && (rest[end] === ' ' || rest[end - 1] === ' ')) end--;
      if (end === 1) end = columns;
      parts.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    return [...parts, rest];
  });
}
