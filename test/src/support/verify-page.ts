import { createHash, randomBytes } from 'node:crypto';
import { blindDigest, ChronosClient, formatProof, fromHex, type Proof, toHex } from '@chronos/shared';
import type { BrowserContext, Page } from 'playwright-core';

/** The local chain of the tests. */
export const CHAIN = 'eip155:31337';
/** The checks of a proof that holds, as {@link stepStates} gives them. */
export const ALL_PASSED = Array.from({ length: 7 }, () => 'ok');

/** Names the endpoint that pages ask about the local chain, unless one was named in them. */
export async function trustChain(context: BrowserContext, endpoint: string): Promise<void> {
  await context.addInitScript(
    ([key, value]) => {
      if (localStorage.getItem(key!) === null) localStorage.setItem(key!, value!);
    },
    [`chronos.endpoints.${CHAIN}`, endpoint],
  );
}

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

/** Gives files, or what stands at paths, by the page's chooser: an input takes either, so each kind is chosen for itself. */
export async function give(page: Page, ...files: readonly (GivenFile | string)[]): Promise<void> {
  const paths = files.filter((one) => typeof one === 'string');
  const made = files.filter((one) => typeof one !== 'string');
  const input = page.locator('[data-files]');
  if (made.length > 0) await input.setInputFiles(made);
  if (paths.length > 0) await input.setInputFiles(paths);
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

/** Waits for a result that is called so. */
export const outcome = (page: Page, title: string): Promise<void> =>
  page.locator('.verdict', { hasText: title }).first().waitFor();
