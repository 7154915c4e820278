import type { Font } from 'fontkit';
import PDFDocument from 'pdfkit';
import { printableWith } from './printable.js';

/** A4, in points. */
const PAGE = { width: 595.28, height: 841.89 };
const MARGIN = { left: 52, right: 52, top: 50, bottom: 58 };
export const CONTENT_WIDTH = PAGE.width - MARGIN.left - MARGIN.right;
const BOTTOM = PAGE.height - MARGIN.bottom;
const INK = '#1b1b1b';
export const MUTED = '#555555';
export const MONO_WIDTH = 0.602; // of DejaVu Sans Mono, times the size

export interface Fonts<T> {
  regular: T;
  bold: T;
  mono: T;
}
export type FontName = keyof Fonts<unknown>;

export interface TextStyle {
  font?: FontName;
  size?: number;
  color?: string;
  x?: number;
  width?: number;
  lineGap?: number;
}

type Element = PDFKit.PDFStructureElement;
type ElementType =
  'Sect' | 'P' | 'H1' | 'H2' | 'H3' | 'L' | 'LI' | 'Lbl' | 'LBody' | 'Table' | 'TR' | 'TH' | 'TD' | 'Figure' | 'Code';

/** Pages that are written from top to bottom, every text tagged with what it is (for screen readers and for reflowing). */
export class Sheet {
  readonly left = MARGIN.left;
  private readonly doc: PDFKit.PDFDocument;
  private parent: Element;
  private readonly bytes: Promise<Uint8Array>;

  constructor(
    private readonly fonts: Fonts<Font>,
    options: { language: string; title: string; subject: string; timeMs: number },
  ) {
    const doc = new PDFDocument({
      size: [PAGE.width, PAGE.height],
      margins: MARGIN,
      pdfVersion: '1.7',
      lang: options.language,
      tagged: true,
      displayTitle: true,
      bufferPages: true,
      // Not compressed, for two reasons: zlib and its kin differ from one platform to the next, and the same proof makes the same bytes
      // everywhere; and the proof can be found in the file with any editor, when nothing reads PDF any more.
      compress: false,
      font: '', // no font of the reader's machine
      info: {
        Title: options.title,
        Subject: options.subject,
        Creator: 'Chronos',
        Producer: 'Chronos',
        CreationDate: new Date(options.timeMs),
      },
    });
    this.doc = doc;
    for (const name of ['regular', 'bold', 'mono'] as const) {
      // A font that is parsed already is taken too; the types do not know it yet.
      doc.registerFont(name, fonts[name] as unknown as PDFKit.Mixins.PDFFontSource);
    }
    this.bytes = collected(doc);
    const root = doc.struct('Document');
    doc.addStructure(root);
    this.parent = root;
  }

  get y(): number {
    return this.doc.y;
  }

  /** Goes to the next page where less than `height` is left of this one. */
  ensure(height: number): void {
    if (this.doc.y + height > BOTTOM) this.doc.addPage();
  }

  nextPage(): void {
    this.doc.addPage();
  }

  /** How much is left of this page. */
  get room(): number {
    return BOTTOM - this.doc.y;
  }

  space(height: number): void {
    this.doc.y += height;
  }

  moveTo(y: number): void {
    this.doc.y = y;
  }

  /** Everything written in `write` belongs to one element. */
  group(type: ElementType, write: () => void): void {
    const outer = this.parent;
    const element = this.doc.struct(type);
    outer.add(element);
    this.parent = element;
    write();
    element.end();
    this.parent = outer;
  }

  /** A text as an element of its own, from the top of the line on; the place below it is where the next one starts. */
  text(type: ElementType, text: string, style: TextStyle = {}): void {
    const { x = this.left, width = CONTENT_WIDTH - (x - this.left), lineGap = 2 } = style;
    const printable = this.use(text, style);
    const write = () => void this.doc.text(printable, x, this.doc.y, { width, lineGap });
    this.add(type, write, type === 'TH' ? { scope: 'Row' } : {});
  }

  /** Lines that are kept as they are: each is as wide as it is. */
  lines(type: ElementType, lines: readonly string[], style: TextStyle & { lineHeight: number }): void {
    const { x = this.left, lineHeight } = style;
    const write = () => {
      for (const line of lines) {
        const y = this.doc.y;
        this.doc.text(this.use(line, style), x, y, { lineBreak: false });
        this.doc.y = y + lineHeight;
      }
    };
    this.add(type, write);
  }

  heightOf(text: string, style: TextStyle = {}): number {
    const { x = this.left, width = CONTENT_WIDTH - (x - this.left), lineGap = 2 } = style;
    return this.doc.heightOfString(this.use(text, style), { width, lineGap });
  }

  /** A filled area behind what is written next: decoration, which is not read out. */
  box(height: number, color: string, x = this.left, width = CONTENT_WIDTH): void {
    const { y } = this.doc;
    this.artifact(() => void this.doc.rect(x, y, width, height).fill(color));
  }

  rule(color: string): void {
    const { y } = this.doc;
    this.artifact(() => void this.doc.rect(this.left, y, CONTENT_WIDTH, 0.8).fill(color));
  }

  /** A picture of black squares, with a text for who cannot see it. */
  squares(modules: readonly (readonly boolean[])[], side: number, x: number, y: number, alt: string): void {
    const unit = side / modules.length;
    const draw = () => {
      for (const [j, row] of modules.entries()) {
        for (const [i, dark] of row.entries()) if (dark) this.doc.rect(x + i * unit, y + j * unit, unit, unit);
      }
      this.doc.fill('#000000');
    };
    this.add('Figure', draw, { alt, bbox: [x, y, x + side, y + side] });
  }

  linkArea(x: number, y: number, width: number, height: number, url: string): void {
    this.doc.link(x, y, width, height, url);
  }

  attach(name: string, text: string): void {
    const file = new TextEncoder().encode(text);
    // It takes bytes as well as names; the types do not know it yet.
    this.doc.file(
      file as unknown as string,
      { name, type: 'application/json', relationship: 'Source' } as PDFKit.Mixins.PDFAttachmentOptions,
    );
  }

  /** Writes the line at the foot of every page, and ends the file. */
  async end(footer: string, pageLabel: (number: number, of: number) => string): Promise<Uint8Array> {
    const { doc } = this;
    const { count } = doc.bufferedPageRange();
    for (let index = 0; index < count; index++) {
      doc.switchToPage(index);
      doc.page.margins.bottom = 0; // or writing there would start a page
      this.artifact(() => {
        const label = this.use(pageLabel(index + 1, count), { size: 7.5, color: MUTED });
        doc.text(label, MARGIN.left, BOTTOM + 20, { width: CONTENT_WIDTH, align: 'right', lineBreak: false });
        doc.text(this.use(footer, { size: 7.5, color: MUTED }), MARGIN.left, BOTTOM + 20, { lineBreak: false });
      });
    }
    this.parent.end();
    doc.end();
    return this.bytes;
  }

  private add(type: ElementType, write: () => void, options: object = {}): void {
    const element = this.doc.struct(type, options, write);
    this.parent.add(element);
    element.end();
  }

  private artifact(draw: () => void): void {
    this.doc.markContent('Artifact', { type: 'Layout' });
    draw();
    this.doc.endMarkedContent();
  }

  /** Sets font, size and colour; the text as this font can show it. */
  private use(text: string, { font = 'regular', size = 9.5, color = INK }: TextStyle): string {
    this.doc.font(font).fontSize(size).fillColor(color);
    return printableWith(this.fonts[font], text);
  }
}

function collected(doc: PDFKit.PDFDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    doc.on('data', (part: Uint8Array) => parts.push(part));
    doc.on('error', reject);
    doc.on('end', () => {
      const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.byteLength;
      }
      resolve(whole);
    });
  });
}
