import { access, constants, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  ChronosError,
  formatProof,
  fromHex,
  parseProof,
  type Proof,
  proofSchema,
  verifyStructure,
} from '@chronos/shared';
import writeFileAtomic from 'write-file-atomic';
import { CliError, fileFault } from './cli-error.js';
import { nativeHashInto } from './hash-file.js';

export const PROOF_SUFFIX = '.chronos.json';

// A proof has a few kilobytes; whatever is larger is something else, and is not read into memory.
const MAX_PROOF_BYTES = 1 << 20;

/** The text of a proof file, to be judged by the verifier. Throws where the file is missing, unreadable, or too large to be one. */
export async function readProofText(path: string): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > MAX_PROOF_BYTES) {
      throw new ChronosError('malformed_proof', `${path} is too large to be a proof`);
    }
    return await file.readFile('utf8');
  } catch (error) {
    throw fileFault(error, path);
  } finally {
    await file?.close();
  }
}

/** The proof in a file. Throws `malformed_proof` where it holds none. */
export async function readProof(path: string): Promise<Proof> {
  const text = await readProofText(path);
  try {
    return parseProof(text);
  } catch (error) {
    if (!(error instanceof ChronosError)) throw error;
    throw new ChronosError('malformed_proof', `${path} is not a proof: ${error.message}`, error.details, error);
  }
}

/** Whether a file holds a proof; false where there is no file or it holds something else. */
export async function isProofFile(path: string): Promise<boolean> {
  return readProof(path).then(
    () => true,
    () => false,
  );
}

async function findProof(path: string): Promise<Proof | undefined> {
  try {
    return await readProof(path);
  } catch (error) {
    if (error instanceof CliError && error.code === 'file_not_found') return undefined;
    if (!(error instanceof ChronosError)) throw error;
    throw inTheWay(`${path} is there already and is not a proof`);
  }
}

function inTheWay(message: string, hint = 'Move it away, or name another file with --out.'): CliError {
  return new CliError('file_in_the_way', message, hint);
}

// Asked again and again while thousands are waited for.
const judged = new WeakMap<Proof, number>();

/** How much a proof says: damaged, salt only, window closed, then its anchors. Of one submission the more complete proof stays. */
export function completeness(proof: Proof): number {
  const known = judged.get(proof) ?? judge(proof);
  judged.set(proof, known);
  return known;
}

function judge(proof: Proof): number {
  const structure = verifyStructure(fromHex(proof.digest.value), proof, nativeHashInto);
  if (!structure.ok && structure.code !== 'pending') return -1;
  return proof.inclusion === undefined ? 0 : 1 + proof.anchors.length;
}

export function isWhole(proof: Proof): boolean {
  return completeness(proof) > 1;
}

/**
 * The proof of `digest` that stands at `path` already, if any. Throws `file_in_the_way` for everything else that stands there: another
 * document's proof, another kind of file, a format that we cannot judge.
 */
export async function findProofOf(digest: string, path: string): Promise<Proof | undefined> {
  const found = await findProof(path);
  if (found === undefined) return undefined;
  if (found.digest.value !== digest) throw inTheWay(`${path} is there already and is the proof of another document`);
  const structure = verifyStructure(fromHex(digest), found, nativeHashInto);
  if (!structure.ok && structure.code === 'unsupported_format')
    throw inTheWay(`${path} is there already; ${structure.message}`);
  return found;
}

/**
 * Refuses to mix a blinded and an unblinded proof of one document: the file is the only place where the blinding is kept, and a digest that
 * was once hidden is not to be published by oversight.
 */
export function checkSameBlinding(found: Proof, blinding: string | undefined, path: string): void {
  if (found.blinding === blinding) return;
  if (found.blinding !== undefined) {
    throw inTheWay(
      `${path} is a blinded proof of this document that is not complete yet`,
      'Complete it with chronos upgrade or add --blind; for an unblinded proof beside it name another file with --out.',
    );
  }
  throw inTheWay(
    `${path} is an unblinded proof of this document that is not complete yet`,
    'Complete it with chronos upgrade; for a blinded proof beside it name another file with --out.',
  );
}

/**
 * Writes a proof, whole or not at all, and gives back the one that now stands in the file: an earlier one stays where it says more, and a
 * complete one always stays, since a later timestamp would be worth less.
 */
export async function saveProof(path: string, proof: Proof): Promise<Proof> {
  const found = await findProofOf(proof.digest.value, path);
  if (found !== undefined) {
    const sameTimestamp = found.salt === proof.salt && found.window.id === proof.window.id;
    if (completeness(found) > completeness(proof)) return found;
    if (isWhole(found) && !sameTimestamp) return found;
    checkSameBlinding(found, proof.blinding, path);
  }
  const merged = { ...proof, ...additions(found) };
  const text = formatProof(merged);
  try {
    if (found === undefined || formatProof(found) !== text) await writeFileAtomic(path, text);
  } catch (error) {
    throw fileFault(error, path);
  }
  return merged;
}

const KNOWN_KEYS = Object.keys(proofSchema.shape);

/** What others have added to the file: it stays in it. */
function additions(found: Proof | undefined): Partial<Proof> {
  return Object.fromEntries(Object.entries(found ?? {}).filter(([key]) => !KNOWN_KEYS.includes(key)));
}

/** Makes sure, before anything is submitted, that a proof can be written to `path`. */
export async function checkWritable(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const fault = fileFault(error, folder);
    if (!(fault instanceof CliError)) throw fault;
    throw new CliError(
      fault.code,
      `the proof cannot be written: ${fault.message}`,
      'Name another folder with --out-dir.',
    );
  }
}

/** The proof file that an argument means: itself, or the one beside the document that it names. */
export async function locateProof(argument: string): Promise<string> {
  const beside = argument + PROOF_SUFFIX;
  if (argument.endsWith(PROOF_SUFFIX)) return argument;
  if (await exists(beside)) return beside;
  if (await isProofFile(argument)) return argument;
  if (await exists(argument)) {
    throw new CliError(
      'file_not_found',
      `${argument}: no proof found beside it (${beside})`,
      'Make one with chronos stamp, or ask the service with chronos proof DIGEST.',
    );
  }
  throw new CliError('file_not_found', `${argument}: no such file`);
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
