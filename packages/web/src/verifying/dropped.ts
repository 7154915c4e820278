import { PROOF_SUFFIX } from '../proof-file.js';
import { ChronosError, parseProof, type Proof, PROOF_FORMAT } from '../service/shared.js';

/** The most bytes that are read as a proof; the verifier takes no longer text either. */
const MAX_PROOF_BYTES = 2 ** 20;
/** What an OpenTimestamps proof begins with: 00, "OpenTimestamps". */
const OTS_MAGIC = '\u0000OpenTimestamps\u0000';

/** A file that says to be a proof, or is named like one. */
export interface ProofFile {
  kind: 'proof';
  name: string;
  text: string;
  /** Where it can be read; the verifier says why not. */
  proof?: Proof;
}

/** Anything else: what a proof may be about. */
export interface DocumentFile {
  kind: 'document';
  name: string;
  file: File;
  /** What it looks like, where somebody may have taken it for a proof of ours. */
  foreign?: 'opentimestamps' | 'json';
}

export type Dropped = ProofFile | DocumentFile;

/** What a file is, by its content; its name counts only where it is called a proof. */
export async function readDropped(file: File): Promise<Dropped> {
  const { name } = file;
  const start = await file.slice(0, OTS_MAGIC.length).text();
  if (start === OTS_MAGIC) return { kind: 'document', name, file, foreign: 'opentimestamps' };
  const isNamedProof = name.endsWith(PROOF_SUFFIX);
  if (file.size > MAX_PROOF_BYTES || !(isNamedProof || name.endsWith('.json') || /^\s*\{/.test(start)))
    return { kind: 'document', name, file };
  const text = await file.text();
  if (!isNamedProof && !looksLikeProof(text)) {
    return { kind: 'document', name, file, ...(isJson(text) ? { foreign: 'json' as const } : {}) };
  }
  return { kind: 'proof', name, text, ...readable(text) };
}

function readable(text: string): { proof?: Proof } {
  try {
    return { proof: parseProof(text) };
  } catch (error) {
    if (!(error instanceof ChronosError)) throw error;
    return {};
  }
}

function looksLikeProof(text: string): boolean {
  const format = (jsonOf(text) as { format?: unknown } | null | undefined)?.format;
  return typeof format === 'string' && format.startsWith(PROOF_FORMAT.slice(0, PROOF_FORMAT.indexOf('/')));
}

function isJson(text: string): boolean {
  return jsonOf(text) !== undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // then it is no JSON
  }
}
