import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request, type Agent } from 'node:http';
import { join } from 'node:path';
import { decodeProofItems, PRIVATE_PATHS, type ProofItem } from '@chronos/shared';
import { ROOT } from './service.js';

/** An answer of one of anchord's two ports. */
export interface Answer {
  status: number;
  retryAfter: string | undefined;
  body: Buffer;
}

/** The real anchord as a process of its own, started as production starts it, but without a chain that answers: windows close and wait. */
export interface AnchordProcess {
  pid: number;
  privatePort: number;
  adminPort: number;
  /** What it wrote so far, standard output and error together. */
  output(): string;
  /** Resolves when the output holds the text; rejects when the process has ended without it. */
  until(text: string): Promise<void>;
  /** Resolves when it has ended. */
  ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Sends digests, 32 bytes each. */
  submit(digests: Buffer, agent?: Agent): Promise<Answer>;
  proofs(digests: Buffer): Promise<ProofItem[]>;
  get(path: string, agent?: Agent): Promise<Answer>;
  admin(path: string, method?: string): Promise<{ status: number; json: Record<string, unknown> }>;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface AnchordOptions {
  /** Holds the store, in `store`, and the secrets. */
  folder: string;
  settings?: Record<string, string>;
  /** Of Node itself, before the program. */
  nodeArgs?: readonly string[];
  /** Where standard output goes instead of to this process. */
  stdout?: number;
  /** The command that runs it where its disk is. */
  within?: (command: string, args: readonly string[]) => [string, string[]];
}

const ANCHORD = join(ROOT, 'packages', 'anchord', 'bin', 'anchord.js');
const directly = (command: string, args: readonly string[]): [string, string[]] => [command, [...args]];

/** Starts anchord and waits until it is up. Rejects with what it wrote when it ends before that. */
export async function startAnchord(options: AnchordOptions): Promise<AnchordProcess> {
  const started = spawnAnchord(options);
  await started.until('anchord is up');
  return started.listening();
}

/** Starts anchord and waits for nothing. */
export function spawnAnchord({ folder, settings = {}, nodeArgs = [], stdout, within = directly }: AnchordOptions) {
  const { env, token, adminToken } = anchordSettings(folder);
  const [command, args] = within(process.execPath, [...nodeArgs, ANCHORD]);
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env, ...settings },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  const { output, until, ended } = watch(child);
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  void ended.then(() => process.off('exit', killNow));
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
  };
  const listening = (): AnchordProcess => {
    const line = output()
      .split('\n')
      .find((text) => text.includes('anchord is up'))!;
    const { private: privatePort, admin: adminPort } = JSON.parse(line) as { private: number; admin: number };
    const bearer = { authorization: `Bearer ${token}` };
    const binary = { ...bearer, 'content-type': 'application/octet-stream' };
    return {
      ...{ pid: child.pid!, privatePort, adminPort, output, until, ended, kill },
      submit: (digests, agent) =>
        call({ port: privatePort, path: PRIVATE_PATHS.digests, headers: binary, body: digests, agent }),
      async proofs(digests) {
        const { status, body } = await call({
          port: privatePort,
          path: PRIVATE_PATHS.proofs,
          headers: binary,
          body: digests,
        });
        if (status !== 200) throw new Error(`${status}: ${body.toString()}`);
        return decodeProofItems(body, digests.length / 32);
      },
      get: (path, agent) => call({ port: privatePort, path, method: 'GET', headers: bearer, agent }),
      async admin(path, method = 'GET') {
        const headers = { authorization: `Bearer ${adminToken}` };
        const { status, body } = await call({ port: adminPort, path, method, headers });
        return { status, json: JSON.parse(body.toString()) as Record<string, unknown> };
      },
    };
  };
  return { pid: child.pid!, output, until, ended, kill, listening };
}

function watch(child: ChildProcess) {
  let text = '';
  let look: () => void = () => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      look();
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const until = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      look = () => {
        if (text.includes(wanted)) resolve();
      };
      look();
      void ended.then(({ code, signal }) => {
        reject(new Error(`anchord ended (${String(code ?? signal)}) and never wrote "${wanted}":\n${text}`));
      });
    });
  return { output: () => text, until, ended };
}

/** Settings and secrets of an anchord in a folder, made the first time. */
function anchordSettings(folder: string) {
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  const secret = (name: string) => {
    const file = join(secrets, name);
    try {
      writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return file;
  };
  const [wallet, privateToken, adminToken] = [secret('wallet.key'), secret('private.token'), secret('admin.token')];
  const env: Record<string, string> = {
    CHRONOS_NETWORK: 'local',
    CHRONOS_DATA_DIR: join(folder, 'store'),
    // The discard port: a chain that does not answer.
    CHRONOS_EVM_RPC_URLS: 'http://127.0.0.1:9',
    CHRONOS_EVM_CONTRACT: `0x${'c0'.repeat(20)}`,
    CHRONOS_WALLET_FILE: wallet,
    CHRONOS_PRIVATE_TOKEN_FILE: privateToken,
    CHRONOS_ADMIN_TOKEN_FILE: adminToken,
    CHRONOS_ANCHORD_PORT: '0',
    CHRONOS_ADMIN_PORT: '0',
    CHRONOS_METRICS_PORT: '0',
    CHRONOS_WINDOW_SECONDS: '1',
  };
  return { env, token: readFileSync(privateToken, 'utf8'), adminToken: readFileSync(adminToken, 'utf8') };
}

interface Call {
  port: number;
  path: string;
  method?: string;
  headers: Record<string, string>;
  body?: Buffer;
  agent?: Agent | undefined;
}

function call({ port, path, method = 'POST', headers, body, agent }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const options = { host: '127.0.0.1', port, path, method, headers: { ...headers, ...length }, agent };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const retryAfter = response.headers['retry-after'];
        resolve({ status: response.statusCode!, retryAfter, body: Buffer.concat(chunks) });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
