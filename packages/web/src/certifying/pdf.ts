import type { Certificate } from '@chronos/certificate';
import { certificatePdf } from '@chronos/certificate/pdf';
import bold from 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf?url';
import regular from 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf?url';
import mono from 'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf?url';

// Fetched when somebody wants a PDF, and not before: with the fonts it weighs twenty times the page.

/** The certificate as a PDF, byte for byte the one that the command makes. Rejects where the fonts cannot be fetched. */
export async function pdfOf(certificate: Certificate): Promise<Uint8Array<ArrayBuffer>> {
  const [regularFont, boldFont, monoFont] = await Promise.all([bytesOf(regular), bytesOf(bold), bytesOf(mono)]);
  const bytes = await certificatePdf(certificate, { regular: regularFont, bold: boldFont, mono: monoFont });
  return bytes as Uint8Array<ArrayBuffer>;
}

async function bytesOf(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`a font could not be fetched: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
