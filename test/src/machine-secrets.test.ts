import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startAnchord } from './support/anchord-process.js';
import { run } from './support/run.js';
import { ROOT, temporaryFolder } from './support/service.js';

// What the operating system, and what a crash leaves behind, tell of the real anchord's secrets: nothing.

const TIME_LIMIT_MS = 90_000;
const RPC_PASSWORD = 'pa55word-of-the-endpoint';
const ANCHORD = join(ROOT, 'packages', 'anchord', 'bin', 'anchord.js');

let temporary: ReturnType<typeof temporaryFolder>;
let running: { kill(signal: NodeJS.Signals): void; ended: Promise<unknown> }[];

beforeEach(() => {
  temporary = temporaryFolder();
  running = [];
});

afterEach(async () => {
  for (const { kill, ended } of running) {
    kill('SIGKILL');
    await ended;
  }
  temporary.remove();
});

function settings(): Record<string, string> {
  const file = join(temporary.folder, 'rpc-urls');
  writeFileSync(file, `http://user:${RPC_PASSWORD}@127.0.0.1:9\n`, { mode: 0o600 });
  return { CHRONOS_EVM_RPC_URLS: '', CHRONOS_EVM_RPC_URLS_FILE: file };
}

/** Every secret that this anchord has. */
function secrets(): string[] {
  const folder = join(temporary.folder, 'secrets');
  return [...readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').trim()), RPC_PASSWORD];
}

function expectNoSecretIn(text: string): void {
  expect(text.length).toBeGreaterThan(0);
  for (const secret of secrets()) expect(text.includes(secret)).toBe(false);
}

test(
  'arguments, environment and log of a running anchord name files, and hold no secret',
  async () => {
    const anchord = await startAnchord({
      folder: temporary.folder,
      settings: { ...settings(), CHRONOS_LOG_LEVEL: 'trace' },
    });
    running.push(anchord);
    await anchord.submit(randomBytes(32));
    await anchord.until('anchoring does not go on');
    expect(secrets()).toHaveLength(4);
    expectNoSecretIn(readFileSync(`/proc/${anchord.pid}/cmdline`, 'utf8'));
    const environment = readFileSync(`/proc/${anchord.pid}/environ`, 'utf8');
    expect(environment).toContain('CHRONOS_WALLET_FILE=');
    expectNoSecretIn(environment);
    expectNoSecretIn(execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(anchord.pid)], { encoding: 'utf8' }));
    expectNoSecretIn(anchord.output());
  },
  TIME_LIMIT_MS,
);

test(
  'the report of a crash, with the environment in it, holds no secret; nor does what anchord says of it',
  async () => {
    const reports = join(temporary.folder, 'reports');
    mkdirSync(reports);
    const crash = 'process.on("SIGUSR2",()=>{process.report.writeReport();throw new Error("planted fault")})';
    const nodeArgs = [`--report-directory=${reports}`, '--import', `data:text/javascript,${encodeURIComponent(crash)}`];
    const anchord = await startAnchord({ folder: temporary.folder, settings: settings(), nodeArgs });
    running.push(anchord);
    anchord.kill('SIGUSR2');
    expect(await anchord.ended).toEqual({ code: 1, signal: null });
    expect(anchord.output()).toContain('planted fault');
    expectNoSecretIn(anchord.output());
    const [name] = readdirSync(reports);
    const report = readFileSync(join(reports, name!), 'utf8');
    expect(report).toContain('CHRONOS_WALLET_FILE');
    expectNoSecretIn(report);
  },
  TIME_LIMIT_MS,
);

test(
  'anchord wallet new, address and balance show addresses and never a key; what is there is not replaced',
  async () => {
    const [file, passphrase] = [join(temporary.folder, 'wallet'), join(temporary.folder, 'passphrase')];
    const anchord = (args: string[], env: Record<string, string> = {}) =>
      run('env', [
        '-i',
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
        process.execPath,
        ANCHORD,
        'wallet',
        ...args,
      ]);
    const made = await anchord(['new', file, '--new-passphrase', passphrase, '--json']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { evm, native } = JSON.parse(made.stdout) as Record<
      'evm' | 'native',
      { address: string; zilAddress: string }
    >;
    expect(made.stdout).not.toContain(readFileSync(passphrase, 'utf8').trim());
    const env = { CHRONOS_WALLET_FILE: file, CHRONOS_WALLET_PASSPHRASE_FILE: passphrase, CHRONOS_NETWORK: 'local' };
    expect(await anchord([], env)).toMatchObject({ code: 0, stdout: `${evm.address}\n${evm.zilAddress}\n` });
    const nativeAddress = await anchord(['address', '--scilla', '--json'], env);
    expect(JSON.parse(nativeAddress.stdout)).toEqual(native);

    const again = await anchord(['new', file], env);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('is there already, and is not replaced');
    const without = await anchord(['new', join(temporary.folder, 'other')]);
    expect(without.stderr).toContain('have one made: --new-passphrase FILE');
    const balance = await anchord(['balance'], { ...env, CHRONOS_EVM_RPC_URLS: 'http://127.0.0.1:9' });
    expect(balance.code).toBe(1);
    expect(balance.stderr).toContain('the endpoint cannot be reached');
  },
  TIME_LIMIT_MS,
);
