import { formatProof, type Proof } from '@chronos/shared';
import { download } from './device/download.js';

// A proof as a file: what it is called, and how it is saved.

/** What a proof file's name ends with. */
export const PROOF_SUFFIX = '.chronos.json';

/** The name of a document's proof file: beside the document, with a suffix; of a digest alone it is the digest. */
export function proofFileName({ name, digest = '' }: { name: string; digest?: string | undefined }): string {
  return `${name === '' ? digest : name}${PROOF_SUFFIX}`;
}

/** The name of the document that a proof file is named after. */
export function documentNameOf(proofName: string): string | undefined {
  return proofName.endsWith(PROOF_SUFFIX) ? proofName.slice(0, -PROOF_SUFFIX.length) : undefined;
}

/** The last part of a path: the name of the file itself. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Offers a proof to be saved; `name` is its document's path, empty where only the digest is known. */
export function downloadProof(name: string, proof: Proof): void {
  const file = proofFileName({ name: baseName(name), digest: proof.digest.value });
  download(file, formatProof(proof), 'application/json');
}
