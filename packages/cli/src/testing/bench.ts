import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeChain } from './fake-chain.js';
import { FakeService } from './fake-service.js';

const BIN = fileURLToPath(new URL('../../bin/chronos.js', import.meta.url));

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string | Uint8Array;
  env?: Record<string, string>;
  nodeArgs?: readonly string[];
  /** Nobody reads what it prints. */
  closeStdout?: boolean;
  /** Interrupts it as Ctrl-C does, once. */
  interruptWhen?: (interrupt: () => void) => void;
}

/** A work bench: a folder, a service and a chain of one's own, and the real command run as a process in that folder. */
export class Bench {
  private constructor(
    readonly folder: string,
    readonly chain: FakeChain,
    readonly service: FakeService,
  ) {}

  static async open(): Promise<Bench> {
    const chain = await FakeChain.start();
    return new Bench(await mkdtemp(join(tmpdir(), 'chronos-cli-')), chain, await FakeService.start(chain));
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.chain.close();
    await rm(this.folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs `chronos` with these arguments against the bench's service. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = spawn(process.execPath, [...(options.nodeArgs ?? []), BIN, ...args], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], CHRONOS_URL: this.service.url, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    if (options.closeStdout === true) child.stdout!.destroy();
    child.stdin?.end(options.input);
    options.interruptWhen?.(() => child.kill('SIGINT'));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ exitCode, ...output }));
    });
  }

  /** Runs with --json: the one document that it printed. */
  async runJson(
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<{ exitCode: number | null; document: JsonValue }> {
    const { exitCode, stdout, stderr } = await this.run([...args, '--json'], options);
    if (stderr !== '') throw new Error(`--json wrote to stderr: ${stderr}`);
    return { exitCode, document: JSON.parse(stdout) };
  }
}

// Tests look into documents of many shapes and compare what they find.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
export type JsonValue = any;
