import { createHash, randomBytes } from 'node:crypto';
import { blindDigest, ChronosClient, formatProof, fromHex, type Proof, toHex } from '@chronos/shared';
import type { Page } from 'playwright-core';

/** A file as a browser test gives it. */
export interface GivenFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A document that was stamped, with its complete proof. */
export interface Stamped {
  document: GivenFile;
  proof: Proof;
  proofFile: GivenFile;
}

export function file(name: string, content: string | Buffer): GivenFile {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) };
}

export function proofFile(name: string, proof: object): GivenFile {
  return file(`${name}.chronos.json`, formatProof(proof as Proof));
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Stamps documents, blinded if wanted, and waits for their complete proofs. */
export async function stampAll(
  serviceUrl: string,
  documents: readonly { name: string; content: string; isBlinded?: boolean }[],
): Promise<Stamped[]> {
  const client = new ChronosClient({ baseUrl: serviceUrl });
  const wanted = documents.map(({ name, content, isBlinded = false }) => {
    const digest = sha256(content);
    const blinding = isBlinded ? randomBytes(16).toString('hex') : undefined;
    const submitted = blinding === undefined ? digest : toHex(blindDigest(fromHex(digest), fromHex(blinding)));
    return { name, content, digest, blinding, submitted };
  });
  await client.submit(wanted.map(({ submitted }) => submitted));
  return Promise.all(
    wanted.map(async ({ name, content, digest, blinding, submitted }) => {
      const { proof: served } = await client.proof(submitted, { waitSeconds: 60 });
      const proof: Proof = {
        ...served,
        digest: { ...served.digest, value: digest },
        ...(blinding === undefined ? {} : { blinding }),
      };
      return { document: file(name, content), proof, proofFile: proofFile(name, proof) };
    }),
  );
}

/** Gives files by the page's chooser. */
export async function give(page: Page, ...files: readonly GivenFile[]): Promise<void> {
  await page.locator('input[type=file]').setInputFiles([...files]);
}

/** Lets files go over the page, as a mouse does. */
export async function drop(page: Page, ...files: readonly GivenFile[]): Promise<void> {
  const given = files.map(({ name, buffer }) => ({ name, content: buffer.toString('base64') }));
  await page.evaluate((all) => {
    const transfer = new DataTransfer();
    for (const { name, content } of all) {
      transfer.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
    }
    const target = document.querySelector('main')!;
    for (const type of ['dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
  }, given);
}

/** The checks of a result as they stand: the step's class names without `step`. */
export function stepStates(page: Page): Promise<string[]> {
  return page
    .locator('.result .step')
    .evaluateAll((steps) => steps.map((step) => step.getAttribute('class')?.replace('step ', '') ?? ''));
}
