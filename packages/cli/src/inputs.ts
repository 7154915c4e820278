import { fstatSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseDigest, toHex } from '@chronos/shared';
import { CliError, fileFault } from './cli-error.js';
import { isProofFile, PROOF_SUFFIX } from './proof-file.js';

/** A document as it was named on the command line. */
export interface Input {
  /** What messages call it. */
  name: string;
  source: 'file' | 'stdin' | 'digest';
  /** Of a digest: itself, 64 hex digits. */
  digest?: string;
  bytes: number;
  /** Where it stood in the folder that was named with --recursive; its proof keeps that place under --out-dir. */
  placeInFolder?: string;
  /** It is a proof itself, and left alone. */
  skipped?: boolean;
  error?: unknown;
}

export interface InputOptions {
  digests?: readonly string[];
  recursive?: boolean;
}

/** Everything that the arguments name. What cannot be read is an input with an error, so that the others are still handled. */
export async function listInputs(files: readonly string[], options: InputOptions): Promise<Input[]> {
  const inputs: Input[] = (options.digests ?? []).map((text) => {
    const digest = parseDigestArgument(text);
    return { name: digest, source: 'digest', digest, bytes: 0 };
  });
  if (files.length === 0 && inputs.length === 0) return [stdinInput(stdinIsPiped())];
  for (const name of new Set(files)) {
    if (name === '-') inputs.push(stdinInput(true));
    else inputs.push(...(await fileInputs(name, options.recursive === true)));
  }
  return inputs;
}

/** A digest as people have it: PowerShell and others print it in upper case. */
export function parseDigestArgument(text: string): string {
  try {
    return toHex(parseDigest(text.toLowerCase(), `the digest ${JSON.stringify(text.slice(0, 80))}`));
  } catch (error) {
    throw new CliError('usage', error instanceof Error ? error.message : 'not a digest');
  }
}

function stdinInput(usable: boolean): Input {
  if (!usable) throw new CliError('usage', 'nothing to stamp: name a file, give a --digest, or pipe something in');
  return { name: 'standard input', source: 'stdin', bytes: 0 };
}

/** Whether something was piped in. A terminal and /dev/null (cron, CI) are not meant as documents when nobody said "-". */
function stdinIsPiped(): boolean {
  try {
    const kind = fstatSync(0);
    return kind.isFIFO() || kind.isFile() || kind.isSocket();
  } catch {
    return false; // standard input is closed
  }
}

async function fileInputs(name: string, recursive: boolean): Promise<Input[]> {
  try {
    const found = await stat(name);
    if (!found.isDirectory()) return [await fileInput(name, found.size)];
    if (recursive) return await folderInputs(name);
    throw new CliError('file_unusable', `${name}: is a folder`, 'Add --recursive to stamp every file in it.');
  } catch (error) {
    return [{ name, source: 'file', bytes: 0, error: fileFault(error, name) }];
  }
}

// `stamp *` meets the proofs that an earlier one left behind: nobody wants proofs of proofs.
async function fileInput(name: string, bytes: number): Promise<Input> {
  const skipped = name.endsWith(PROOF_SUFFIX) && (await isProofFile(name));
  return { name, source: 'file', bytes, ...(skipped ? { skipped } : {}) };
}

/** The regular files below a folder, in order. Links are not followed: they may lead anywhere, and round in circles. */
async function folderInputs(folder: string): Promise<Input[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const inputs: Input[] = [];
  for (const path of paths.sort()) {
    const { size } = await stat(path);
    inputs.push({ ...(await fileInput(path, size)), placeInFolder: relative(folder, path) });
  }
  return inputs.filter((input) => input.skipped !== true);
}
