import { CliError } from './cli-error.js';
import type { Context } from './context.js';
import { hashInputs } from './hashing.js';
import { type Input, listInputs, parseDigestArgument } from './inputs.js';
import { exists, isProofFile, PROOF_SUFFIX, readProofText } from './proof-file.js';

/** What is to be verified: a digest, and the text that claims to be its proof. */
export interface Target {
  name: string;
  digest: string;
  proofPath: string;
  proofText: string;
}

/** Finds document and proof from `FILE [PROOF]`, or from `--digest HEX [PROOF]`. The proof is read first: a document may be large. */
export async function findTarget(
  [first, second]: readonly (string | undefined)[],
  digestOption: string | undefined,
  context: Context,
): Promise<Target> {
  if (digestOption !== undefined) {
    if (second !== undefined) throw new CliError('usage', 'with --digest there is no FILE, only its PROOF');
    const digest = parseDigestArgument(digestOption);
    return withProof({ name: digest, digest }, first ?? digest + PROOF_SUFFIX);
  }
  if (first === undefined) throw new CliError('usage', 'nothing to verify: name a FILE, or "-", or give a --digest');
  if (first === '-') {
    const digest = await digestOf('-', context);
    return withProof({ name: 'standard input', digest }, second ?? digest + PROOF_SUFFIX);
  }
  const [document, proofPath] = second === undefined ? await guessPair(first, context) : [first, second];
  const { proofText } = await withProof({ name: document, digest: '' }, proofPath);
  return { name: document, digest: await digestOf(document, context), proofPath, proofText };
}

/** `FILE` alone. Somebody who names the proof means the document beside it. */
async function guessPair(name: string, { output }: Context): Promise<[string, string]> {
  if (!(await isProofFile(name)) || (await exists(name + PROOF_SUFFIX))) return [name, name + PROOF_SUFFIX];
  const document = name.endsWith(PROOF_SUFFIX) ? name.slice(0, -PROOF_SUFFIX.length) : '';
  if (document === '' || !(await exists(document))) {
    throw new CliError(
      'usage',
      `${name} is a proof, and its document is not beside it`,
      'Name both: chronos verify FILE PROOF, or without the document: chronos verify --digest HEX PROOF.',
    );
  }
  output.note(`${name} is a proof; its document is ${document}.`);
  return [document, name];
}

async function withProof(target: Omit<Target, 'proofPath' | 'proofText'>, proofPath: string): Promise<Target> {
  try {
    return { ...target, proofPath, proofText: await readProofText(proofPath) };
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'file_not_found') throw error;
    if (target.digest === '' && !(await exists(target.name)))
      throw new CliError('file_not_found', `${target.name}: no such file`);
    throw new CliError(
      'file_not_found',
      `${proofPath}: no such proof file`,
      'Name the proof as the second argument, or ask the service for it with chronos proof DIGEST.',
    );
  }
}

async function digestOf(name: string, context: Context): Promise<string> {
  const [input] = (await listInputs([name], {})) as [Input];
  const result = (await hashInputs([input], context)).get(input)!;
  if ('error' in result) throw result.error;
  return result.digest;
}
