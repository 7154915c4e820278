import { formatProof } from '@chronos/shared';
import { download } from '../device/download.js';
import { PROOF_SUFFIX, proofFileName } from '../proof-file.js';
import type { Item } from './stamp.js';

/** All proofs in one zip, each under the path of its document. */
export async function downloadZip(items: readonly Item[]): Promise<void> {
  const { strToU8, zipSync } = await import('fflate');
  const files: Record<string, Uint8Array> = {};
  for (const item of items) {
    if (item.proof !== undefined) files[freeName(files, proofFileName(item))] = strToU8(formatProof(item.proof));
  }
  download('chronos-proofs.zip', zipSync(files, { level: 3 }), 'application/zip');
}

/** A path that stays below the folder it is unpacked to, and is not taken: `a.txt (2).chronos.json`. */
function freeName(taken: Readonly<Record<string, unknown>>, wanted: string): string {
  const safe = wanted
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
  for (let copy = 2, name = safe; ; copy++) {
    if (!Object.hasOwn(taken, name)) return name;
    name = safe.replace(PROOF_SUFFIX, ` (${copy})${PROOF_SUFFIX}`);
  }
}
