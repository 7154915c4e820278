import { readFile } from 'node:fs/promises';
import { type Certificate, type Language, LANGUAGES } from '@chronos/certificate';
import {
  ChronosError,
  earliestAnchor,
  fromHex,
  type Proof,
  type Verification,
  verifyProof,
  verifyStructure,
} from '@chronos/shared';
import writeFileAtomic from 'write-file-atomic';
import { CliError, fileFault } from '../cli-error.js';
import { parseServerUrl } from '../config.js';
import type { Context, Outcome } from '../context.js';
import { EXIT, exitCodeOf } from '../exit-codes.js';
import { nativeHashInto } from '../hash-file.js';
import { errorDocument } from '../output.js';
import { isProofFile, PROOF_SUFFIX, readProof, readProofText } from '../proof-file.js';
import { parseRpcOption, readersFor } from '../readers.js';
import { findTarget, type Target } from '../verify-target.js';
import { describeChain, printable, utc } from '../words.js';
import { hintFor } from './verify.js';

export interface CertificateOptions {
  out?: string;
  language: string;
  url?: string;
  timeZone?: string;
  rpc?: string[];
  offline?: boolean;
  force?: boolean;
}

/** Makes the PDF certificate of a complete proof, which is verified first: against the chain, unless that is not wanted. */
export async function certificate(
  names: readonly [string, string | undefined],
  options: CertificateOptions,
  context: Context,
): Promise<Outcome> {
  const { output } = context;
  const language = parseLanguage(options.language);
  const timeZone = parseTimeZone(options.timeZone);
  const serviceUrl = options.url === undefined ? context.server : parseServerUrl(options.url, '--url');
  const readersOf = readersFor(parseRpcOption(options.rpc));
  const target = await targetOf(names, context);
  const out = options.out ?? `${target.documentName ?? target.digest}.certificate.pdf`;
  const standing = await readStanding(out);

  const digest = fromHex(target.digest);
  if (options.offline !== true) output.status('Asking the chain…');
  const verification =
    options.offline === true
      ? verifyStructure(digest, target.proofText, nativeHashInto)
      : await verifyProof(digest, target.proofText, readersOf, nativeHashInto);
  if (!verification.ok) return refuse(verification, target, context);

  const { proof } = verification;
  const endpoints = options.offline === true ? [] : endpointsOf(proof, readersOf);
  const name = target.documentName;
  const { makeCertificate } = await import('@chronos/certificate');
  const made = makeCertificate({
    ...{ proof, language, timeZone, serviceUrl, endpoints },
    ...(name === undefined ? {} : { fileName: baseName(name) }),
  });
  await write(out, standing, await pdfOf(made), options.force === true);
  report(made, { out, target, endpoints, proof }, context);
  return {
    exitCode: EXIT.done,
    document: {
      certificateFile: out,
      language,
      digest: target.digest,
      proofFile: target.proofPath,
      existedNoLaterThan: earliestAnchor(proof)!.block.time,
      askedChain: endpoints.length > 0,
      endpoints,
      verifyPage: made.scan.url,
      ...(made.warning === undefined ? {} : { warning: made.warning }),
    },
  };
}

interface CertifiedTarget extends Target {
  /** The document's name, where it is known; the document itself need not be there. */
  documentName?: string;
}

/** `FILE [PROOF]` as for verify; or the proof alone, which is certified for the digest that it names. */
async function targetOf(
  [first, second]: readonly [string, string | undefined],
  context: Context,
): Promise<CertifiedTarget> {
  if (second === undefined && (first.endsWith(PROOF_SUFFIX) || (await isProofFile(first)))) {
    const { digest } = await readProof(first);
    const documentName = first.endsWith(PROOF_SUFFIX) ? first.slice(0, -PROOF_SUFFIX.length) : '';
    const target = { name: first, digest: digest.value, proofPath: first, proofText: await readProofText(first) };
    // A proof that was stamped by its digest is named after that, and not after a document.
    const named = baseName(documentName) !== '' && baseName(documentName) !== digest.value;
    return named ? { ...target, documentName } : target;
  }
  const target = await findTarget([first, second], undefined, context);
  return first === '-' ? target : { ...target, documentName: target.name };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function endpointsOf(proof: Proof, readersOf: ReturnType<typeof readersFor>): string[] {
  return [...new Set(proof.anchors.flatMap(({ chain }) => (typeof chain === 'string' ? readersOf(chain) : [])))].map(
    ({ endpoint }) => endpoint,
  );
}

async function refuse(
  verification: Verification & { ok: false },
  target: Target,
  { output }: Context,
): Promise<Outcome> {
  const { code, message } = verification;
  const hint =
    code === 'chain_unreachable'
      ? 'Name an endpoint of its chain with --rpc URL; or, with --offline, make one that says that the chain was not asked.'
      : await hintFor(code, target);
  output.problem(new ChronosError(code, `no certificate: ${printable(message)} (${code})`), printable(target.name));
  if (hint !== undefined) output.note(`  ${hint}`);
  return {
    exitCode: exitCodeOf(code),
    document: {
      error: { ...errorDocument(new ChronosError(code, message)), ...(hint === undefined ? {} : { hint }) },
      digest: target.digest,
      proofFile: target.proofPath,
    },
  };
}

async function pdfOf(made: Certificate): Promise<Uint8Array> {
  const [{ certificatePdf }, { readFonts }] = await Promise.all([
    import('@chronos/certificate/pdf'),
    import('@chronos/certificate/node-fonts'),
  ]);
  return certificatePdf(made, await readFonts());
}

/** What stands where the certificate goes; undefined where nothing does. Throws where nothing can be written. */
async function readStanding(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const fault = fileFault(error, path);
    if (fault instanceof CliError && fault.code === 'file_not_found') return undefined;
    throw fault;
  }
}

async function write(path: string, standing: Uint8Array | undefined, pdf: Uint8Array, force: boolean): Promise<void> {
  if (standing !== undefined && Buffer.compare(standing, pdf) === 0) return;
  if (standing !== undefined && !force) {
    throw new CliError(
      'file_in_the_way',
      `${path} is there already`,
      'Name another file with --out, or write over it with --force.',
    );
  }
  try {
    await writeFileAtomic(path, Buffer.from(pdf));
  } catch (error) {
    throw fileFault(error, path);
  }
}

interface Made {
  out: string;
  target: Target;
  endpoints: readonly string[];
  proof: Proof;
}

function report(made: Certificate, { out, target, endpoints, proof }: Made, { output }: Context): void {
  const { paint } = output;
  const { block, chain } = earliestAnchor(proof)!;
  const { title, warning } = describeChain(chain);
  output.line(`${paint.bold(printable(out))}: ${paint.green('certificate')} of SHA-256 ${target.digest}`);
  output.line(`  Existed no later than ${utc(block.time)}, ${title}`);
  output.line(
    endpoints.length === 0
      ? '  The hashes were checked; the chain was not asked, and the certificate says so.'
      : `  Every step was checked, on the chain too: ${endpoints.join(', ')}`,
  );
  output.line(`  Its QR code leads to ${made.scan.url}`);
  if (isLoopback(made.scan.url)) {
    output.note('  That address is of this machine: name the one that others know the service by with --url URL.');
  }
  if (warning !== undefined) output.line(`  ${paint.yellow(warning)}`);
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.[0-9.]+|\[::1\])$/.test(new URL(url).hostname);
}

function parseLanguage(text: string): Language {
  const language = LANGUAGES.find((known) => known === text);
  if (language === undefined)
    throw new CliError('usage', `--language ${text}: there are ${LANGUAGES.join(' and ')} only`);
  return language;
}

/** The name of a time zone; this machine's, where none is given. */
function parseTimeZone(text: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', text === undefined ? {} : { timeZone: text }).resolvedOptions().timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CliError('usage', `--time-zone ${text ?? ''} is no time zone: it is named like Europe/Berlin`);
  }
}
