import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Fonts } from './pdf/sheet.js';

const require = createRequire(import.meta.url);
const fontFile = (name: string) => readFile(require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));

/** The fonts of the PDF, from the package that brings them, in Node. */
export async function readFonts(): Promise<Fonts<Uint8Array>> {
  return {
    regular: await fontFile('DejaVuSans'),
    bold: await fontFile('DejaVuSans-Bold'),
    mono: await fontFile('DejaVuSansMono'),
  };
}
