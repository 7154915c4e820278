import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CliError } from './cli-error.js';
import { certificate, type CertificateOptions } from './commands/certificate.js';
import { info } from './commands/info.js';
import { proof, type ProofOptions } from './commands/proof.js';
import { stamp, type StampOptions } from './commands/stamp.js';
import { status } from './commands/status.js';
import { upgrade, type UpgradeOptions } from './commands/upgrade.js';
import { verify, type VerifyOptions } from './commands/verify.js';
import { type Config, parseServerUrl } from './config.js';
import type { Context, Outcome } from './context.js';
import { EXIT, EXIT_CODE_HELP, type ExitCode, exitCodeOfError } from './exit-codes.js';
import { errorDocument, Output } from './output.js';

/** What the program stands on: replaced by none of the tests, which run it as a process. */
export interface Surroundings {
  config: Config;
  signal: AbortSignal;
  openStdin: () => NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

interface GlobalOptions {
  server?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Runs one command line (without node and script) to its exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { config, stdout, stderr } = surroundings;
  const usageText: string[] = [];
  // What comes after "--" are names. Known before the rest is understood, as a usage error is told in JSON, too.
  const options = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  const flags = { json: options.includes('--json'), quiet: options.some((arg) => arg === '--quiet' || arg === '-q') };
  const output = new Output({ ...flags, colors: config.colors, stdout, stderr });
  let outcome: Outcome = { exitCode: EXIT.done, document: {} };
  const withContext = async (command: Command, act: (context: Context) => Promise<Outcome>) => {
    const given = command.optsWithGlobals<GlobalOptions>().server;
    const server = parseServerUrl(given ?? config.server, given === undefined ? config.serverSource : '--server');
    outcome = await act({ ...surroundings, server, output });
  };
  const program = buildProgram(config, usageText, withContext);
  try {
    await program.parseAsync(args, { from: 'user' });
    output.document(outcome.document);
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done; // --help, --version
    const told = error instanceof CommanderError ? usageError(error, usageText) : error;
    if (told === undefined && !flags.json) {
      stderr.write(usageText.join('')); // `chronos` alone: the help
      return EXIT.usage;
    }
    const problem = told ?? new CliError('usage', 'no command given: see chronos --help');
    output.problem(problem);
    output.document({ error: errorDocument(problem) });
    return exitCodeOfError(problem);
  } finally {
    output.clearStatus();
  }
}

/** Commander's complaint as ours; undefined where it only printed the help for want of a command. */
function usageError(error: CommanderError, usageText: readonly string[]): CliError | undefined {
  if (error.code === 'commander.help') return undefined;
  const [message = error.message, suggestion] = (usageText.join('') || error.message).trim().split('\n');
  const hint =
    suggestion === undefined ? 'See chronos --help.' : `${suggestion.replace(/[()]/g, '')} See chronos --help.`;
  return new CliError('usage', message.replace(/^error: /, ''), hint);
}

type Act = (command: Command, act: (context: Context) => Promise<Outcome>) => Promise<void>;

function buildProgram(config: Config, usageText: string[], act: Act): Command {
  const program = new Command('chronos')
    .description(
      'Timestamps documents with Chronos and verifies them against the chain. Documents never leave this machine.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option(
      '--server <url>',
      `the service (default: $CHRONOS_URL, or ${config.serverSource === 'CHRONOS_URL' ? 'http://127.0.0.1:7400' : config.server})`,
    )
    .option('--json', 'print one JSON document, errors included, and nothing else')
    .option('-q, --quiet', 'print failures only')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: (text) => usageText.push(text) })
    .exitOverride()
    .addHelpText('afterAll', EXIT_CODE_HELP)
    .addHelpText('after', MAIN_EXAMPLES);

  const waiting = (command: Command, what: string) =>
    command
      .option('-w, --wait', `wait until ${what} complete (about a minute)`)
      .option('-t, --timeout <seconds>', 'how long --wait waits', parseSeconds, 600);

  waiting(
    program
      .command('stamp')
      .description('Timestamp files. The proof is kept beside each, as FILE.chronos.json.')
      .argument('[file...]', 'files; "-" or nothing: what is piped in')
      .option('-d, --digest <hex>', 'stamp a SHA-256 digest without its file; may be repeated', collect)
      .option('-r, --recursive', 'stamp every file in the folders named')
      .option(
        '-b, --blind',
        'hide the digest from the service, too; the proof file alone can then show what was stamped',
      )
      .option('-o, --out <file>', 'where the proof goes, for one document')
      .option('--out-dir <dir>', 'the folder for the proofs'),
    'the proofs are',
  )
    .addHelpText('after', STAMP_EXAMPLES)
    .action((files: string[], options: StampOptions, command: Command) => {
      if (options.out !== undefined && options.outDir !== undefined)
        throw new CliError('usage', '--out and --out-dir exclude each other');
      if (options.out === '-')
        throw new CliError('usage', '--out - is not possible here: the proof is completed later, in its file');
      requireWait(command);
      return act(command, (context) => stamp(files, options, context));
    });

  program
    .command('verify')
    .description('Verify a file with its proof by asking the chain itself. The service is not asked.')
    .argument('[file]', 'the document; "-": what is piped in')
    .argument('[proof]', 'its proof (default: FILE.chronos.json)')
    .option('-d, --digest <hex>', 'verify a digest without its file: verify --digest HEX PROOF')
    .option(
      '--rpc <url>',
      'ask this endpoint of the chain (CHAIN=URL: of that chain, as eip155:32769=…); may be repeated, and then all must agree',
      collect,
    )
    .addHelpText('after', VERIFY_EXAMPLES)
    .action((file: string | undefined, proofFile: string | undefined, options: VerifyOptions, command: Command) =>
      act(command, (context) => verify([file, proofFile], options, context)),
    );

  waiting(
    program
      .command('upgrade')
      .description('Complete proofs that were not complete when they were made.')
      .argument('<proof...>', 'proof files, or the documents beside which they stand'),
    'they are',
  )
    .addHelpText('after', '\nExample:\n  chronos upgrade report.pdf')
    .action((names: string[], options: UpgradeOptions, command: Command) => {
      requireWait(command);
      return act(command, (context) => upgrade(names, options, context));
    });

  program
    .command('info')
    .description('Explain a proof step by step, from its file alone, without network.')
    .argument('<proof>', 'a proof file, or the document beside which it stands')
    .addHelpText('after', '\nExample:\n  chronos info report.pdf')
    .action((name: string, _options: object, command: Command) => act(command, (context) => info(name, context)));

  program
    .command('certificate')
    .description('Make a PDF for people of a complete proof: what it says, how to check it, and the proof itself.')
    .argument('<file>', 'a proof file, or the document beside which it stands')
    .argument('[proof]', 'the proof of the document, where it stands elsewhere')
    .option('-o, --out <file>', 'where the PDF goes (default: FILE.certificate.pdf)')
    .option('-l, --language <code>', 'en or de', 'en')
    .option('--time-zone <name>', "the zone of the local time, like Europe/Berlin (default: this machine's)")
    .option('--url <url>', 'where others find the verify page, for the QR code (default: the service)')
    .option('--rpc <url>', 'ask this endpoint of the chain, as for verify', collect)
    .option('--offline', 'do not ask the chain; the certificate says so')
    .option('-f, --force', 'write over a file that is there')
    .addHelpText('after', CERTIFICATE_EXAMPLES)
    .action((file: string, proofFile: string | undefined, options: CertificateOptions, command: Command) => {
      if (options.offline === true && options.rpc !== undefined)
        throw new CliError('usage', '--offline and --rpc exclude each other');
      return act(command, (context) => certificate([file, proofFile], options, context));
    });

  waiting(
    program
      .command('proof')
      .description('Fetch the proof of a digest that was stamped before, for a lost proof file for one.')
      .argument('<digest>', 'SHA-256 in hex')
      .option('-o, --out <file>', 'where it goes; "-": standard output (default: DIGEST.chronos.json)'),
    'it is',
  )
    .addHelpText(
      'after',
      '\nExample:\n  chronos proof "$(sha256sum < report.pdf | cut -c 1-64)" --out report.pdf.chronos.json',
    )
    .action((digest: string, options: ProofOptions, command: Command) => {
      requireWait(command);
      return act(command, (context) => proof(digest, options, context));
    });

  program
    .command('status')
    .description('Show how the service is: the open window, what waits, the last anchor, the chains.')
    .action((_options: object, command: Command) => act(command, status));

  return program;
}

const MAIN_EXAMPLES = `
Examples:
  chronos stamp report.pdf --wait      timestamp a file and wait for the complete proof
  chronos verify report.pdf            verify it with report.pdf.chronos.json, against the chain
  chronos info report.pdf              what is in the proof`;

const STAMP_EXAMPLES = `
Examples:
  chronos stamp report.pdf --wait
  chronos stamp *.pdf --out-dir proofs
  chronos stamp --recursive photos --blind
  git rev-parse HEAD | chronos stamp
  chronos stamp --digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`;

const VERIFY_EXAMPLES = `
Examples:
  chronos verify report.pdf
  chronos verify report.pdf proofs/report.pdf.chronos.json
  chronos verify --digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 a.chronos.json
  chronos verify report.pdf --rpc https://one.example --rpc https://two.example`;

const CERTIFICATE_EXAMPLES = `
Examples:
  chronos certificate report.pdf
  chronos certificate report.pdf.chronos.json --out report-certificate.pdf --language de
  chronos certificate report.pdf --url https://chronos.example --time-zone Europe/Berlin`;

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

const WEEK_SECONDS = 7 * 24 * 3600;

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > WEEK_SECONDS) {
    throw new InvalidArgumentError('It is a number of seconds, up to a week.');
  }
  return seconds;
}

function requireWait(command: Command): void {
  const given = command.getOptionValueSource('timeout') === 'cli';
  if (given && command.opts<UpgradeOptions>().wait !== true)
    throw new CliError('usage', '--timeout is for --wait: add it');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
