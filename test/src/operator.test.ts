import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { METRICS } from '../../packages/anchord/dist/metrics/table.js';
import { type AnchordProcess, spawnAnchord, startAnchord } from './support/anchord-process.js';
import { startLeakyNode } from './support/leaky-node.js';
import { ROOT, temporaryFolder } from './support/service.js';

// The operator's tools, with real processes: anchord, a proxy, and `anchord admin`. The chain's node fails in every way, for whatever they do
// must leave no secret anywhere.

const temporary = temporaryFolder();
const RPC_SECRETS = ['rpc-user-secret', 'rpc-password-secret', 'rpc-key-in-the-path', 'rpc-key-in-the-query'] as const;
const secretFile = (name: string) => join(temporary.folder, 'secrets', name);
const secretIn = (name: string) => readFileSync(secretFile(name), 'utf8').trim().split('\n');

let node: Awaited<ReturnType<typeof startLeakyNode>>;
let anchord: AnchordProcess;
let proxy: ReturnType<typeof startProxy>;
let proxyUrl: string;
let anchordMetrics: string;
let proxyMetrics: string;
/** Everything that anybody was shown, but for the processes' own output. */
const shown: string[] = [];

beforeAll(async () => {
  node = await startLeakyNode();
  const [user, password, path, query] = RPC_SECRETS;
  const rpc = { CHRONOS_EVM_RPC_URLS: `http://${user}:${password}@127.0.0.1:${node.port}/${path}?key=${query}` };
  const { folder } = temporary;
  anchord = await startAnchord({
    folder,
    settings: { ...rpc, CHRONOS_LOG_LEVEL: 'trace', CHRONOS_WINDOW_SECONDS: '3600' },
  });
  proxy = startProxy({
    ...{ ...rpc, CHRONOS_LOG_LEVEL: 'trace', CHRONOS_ACCESS_LOG: 'all', CHRONOS_PORT: '0', CHRONOS_METRICS_PORT: '0' },
    CHRONOS_ANCHORD_URL: `http://127.0.0.1:${anchord.privatePort}`,
    CHRONOS_PRIVATE_TOKEN_FILE: secretFile('private.token'),
  });
  const up = await proxy.line('proxy is listening');
  proxyUrl = `http://127.0.0.1:${String(up['port'])}`;
  proxyMetrics = `http://127.0.0.1:${String(up['metricsPort'])}/metrics`;
  const line = anchord
    .output()
    .split('\n')
    .find((text) => text.includes('anchord is up'))!;
  anchordMetrics = `http://127.0.0.1:${(JSON.parse(line) as { metrics: number }).metrics}/metrics`;
}, 60_000);

afterAll(async () => {
  proxy.kill();
  anchord.kill('SIGTERM');
  await Promise.all([proxy.ended, anchord.ended]);
  node.close();
  temporary.remove();
});

function startProxy(settings: Record<string, string>) {
  const child = spawn(process.execPath, [join(ROOT, 'packages', 'proxy', 'bin', 'chronos-proxy.js')], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let look: () => void = () => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      look();
    });
  }
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    ended,
    output: () => output,
    kill: () => child.kill('SIGTERM'),
    line: (wanted: string) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        look = () => {
          const found = output.split('\n').find((text) => text.includes(wanted) && text.endsWith('}'));
          if (found !== undefined) resolve(JSON.parse(found) as Record<string, unknown>);
        };
        look();
        void ended.then(() => reject(new Error(`the proxy ended:\n${output}`)));
      }),
  };
}

/** `anchord admin …`, by the program's entry point. */
function admin(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'packages', 'anchord', 'bin', 'anchord.js'), 'admin', ...args], {
      env: {
        PATH: process.env['PATH'],
        CHRONOS_ADMIN_PORT: String(anchord.adminPort),
        CHRONOS_ADMIN_TOKEN_FILE: secretFile('admin.token'),
      },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('close', (code) => {
      shown.push(stdout, stderr);
      resolve({ code, stdout, stderr });
    });
  });
}

async function ask(url: string, init?: RequestInit): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(url, init);
  const text = await response.text();
  shown.push(JSON.stringify([...response.headers]), text);
  return { status: response.status, text, headers: response.headers };
}

const json = (body: unknown): RequestInit => ({
  ...{ method: 'POST', body: JSON.stringify(body) },
  headers: { 'content-type': 'application/json' },
});
const submit = () => ask(`${proxyUrl}/api/v1/timestamps`, json({ digest: randomBytes(32).toString('hex') }));

describe('anchord admin', () => {
  test('tells how anchord does, for people and for programs', async () => {
    expect((await submit()).status).toBe(202);
    const { code, stdout } = await admin('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^window +\d+: 1 digest, closes in \d+ s$/m);
    expect(stdout).toMatch(/^eip155:31337: /m);
    const status = JSON.parse((await admin('status', '--json')).stdout) as { anchoring: object[]; window: object };
    expect(status).toMatchObject({ window: { digests: 1 }, anchoring: [{ chain: 'eip155:31337', paused: false }] });
  });

  test('health is also told by the exit code', async () => {
    while (JSON.parse((await admin('status', '--json')).stdout).anchoring[0].state === 'ok');
    const { code, stdout } = await admin('health');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^store: ok\neip155:31337: (unreachable|stopped)/);
  });

  test('pauses, resumes, closes the window, and says why nothing can be bumped', async () => {
    expect(await admin('pause')).toMatchObject({ code: 0, stdout: 'paused: eip155:31337\n' });
    expect((await admin('status')).stdout).toMatch(/^eip155:31337: \w+, paused$/m);
    expect(await admin('resume', 'eip155:31337')).toMatchObject({ code: 0, stdout: 'resumed: eip155:31337\n' });
    expect(await admin('pause', 'eip155:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('eip155:31337'),
    });
    expect((await submit()).status).toBe(202);
    expect((await admin('close-window')).stdout).toMatch(/^ended window \d+$/m);
    expect(await admin('bump')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('no transaction is pending'),
    });
  });

  test('backs the store up while anchord works', async () => {
    const file = join(temporary.folder, 'backup.db');
    expect(await admin('backup', file)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`backed up to ${file}`),
    });
    expect(existsSync(file)).toBe(true);
    expect(await admin('backup', 'relative.db')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('absolute'),
    });
  });

  test('a token is changed while a proxy goes on: no request is refused', async () => {
    const [before] = secretIn('private.token');
    expect((await admin('rotate', 'private')).code).toBe(0);
    const [made, still] = secretIn('private.token');
    expect(still).toBe(before);
    expect((await submit()).status).toBe(202);
    expect(await admin('rotate', 'private')).toMatchObject({ code: 1, stderr: expect.stringContaining('--finish') });
    expect((await admin('rotate', 'private', '--finish')).code).toBe(0);
    expect(secretIn('private.token')).toEqual([made]);
    expect((await submit()).status).toBe(202);
    expect(proxy.output()).toContain('the token shared with anchord has changed');
    const old = await ask(`http://127.0.0.1:${anchord.privatePort}/readyz`, {
      headers: { authorization: `Bearer ${before}` },
    });
    expect(old.status).toBe(401);

    expect((await admin('rotate', 'admin')).code).toBe(0);
    expect((await admin('rotate', 'admin', '--finish')).code).toBe(0);
    expect((await admin('status')).code).toBe(0);
  });

  test('a token file that was changed by hand is read again after SIGHUP', async () => {
    const token = 'by-hand-by-hand-by-hand-by-hand-by-hand';
    writeFileSync(secretFile('private.token'), `${token}\n${secretIn('private.token')[0]}\n`);
    anchord.kill('SIGHUP');
    await anchord.until('the token files were read again');
    const ready = await ask(`http://127.0.0.1:${anchord.privatePort}/readyz`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(ready.status).toBe(200);
    expect((await submit()).status).toBe(202);
  });

  test('tells a wrong token and an anchord that is not there apart', async () => {
    const settings = { PATH: process.env['PATH'], CHRONOS_ADMIN_TOKEN_FILE: secretFile('private.token') };
    const run = (env: Record<string, string | undefined>) =>
      new Promise<{ code: number | null; stderr: string }>((resolve) => {
        const child = spawn(
          process.execPath,
          [join(ROOT, 'packages', 'anchord', 'bin', 'anchord.js'), 'admin', 'status'],
          { env },
        );
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
        child.once('close', (code) => resolve({ code, stderr }));
      });
    const wrong = await run({ ...settings, CHRONOS_ADMIN_PORT: String(anchord.adminPort) });
    const nobody = await run({ ...settings, CHRONOS_ADMIN_URL: 'http://127.0.0.1:9' });
    shown.push(wrong.stderr, nobody.stderr);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('refuses the token in') });
    expect(nobody).toMatchObject({ code: 2, stderr: expect.stringContaining('is anchord running') });
  });
});

test('an error that a client was told is found by its request id in the logs of both', async () => {
  const { text } = await ask(`${proxyUrl}/api/v1/windows/1`);
  const { requestId } = JSON.parse(text) as { requestId: string };
  const lines = (output: string) => output.split('\n').filter((line) => line.includes(requestId));
  expect(lines(anchord.output()).map((line) => JSON.parse(line))).toMatchObject([
    { requestId, code: 'unknown_window' },
  ]);
  expect(lines(proxy.output()).length).toBeGreaterThan(0);
});

describe('deploy/monitoring', () => {
  const read = (path: string) => readFileSync(join(ROOT, 'deploy', 'monitoring', path), 'utf8');
  const alerts = read('prometheus/alerts.yml');
  const dashboard = JSON.parse(read('grafana/dashboards/chronos.json')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  const panels = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  /** Of a block scalar, the lines below it. */
  const rules = [...alerts.matchAll(/^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.+)\n)/gm)].map(
    ([, block, line]) => (block ?? line)!,
  );

  test('every metric that an alert or the dashboard asks for is one that the programs have', async () => {
    const scrapes = [(await ask(anchordMetrics)).text, (await ask(proxyMetrics)).text].join('\n');
    const kinds = new Map([...scrapes.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, kind]) => [name!, kind!]));
    const suffixes: Record<string, string[]> = { histogram: ['_bucket', '_sum', '_count'] };
    const names = new Set(
      [...kinds].flatMap(([name, kind]) => (suffixes[kind] ?? ['']).map((suffix) => name + suffix)),
    );
    expect(rules.length).toBe(alerts.match(/- alert: /g)!.length);
    expect(panels.length).toBeGreaterThan(30);
    const asked = [...rules, ...panels].flatMap((expr) => expr.match(/\b(?:chronos|nodejs|process)_\w+/g) ?? []);
    for (const name of asked) expect([name, names.has(name)]).toEqual([name, true]);
    for (const name of Object.keys(METRICS)) expect([name, kinds.has(name)]).toEqual([name, true]);
  });

  test('docs/operations.md says of every alert what it means and what to do, and of no other', () => {
    const documentation = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
    const section = documentation.split('\n### Alerts\n')[1]!.split('\n#')[0]!;
    const documented = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
    const declared = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(documented).toEqual(declared);
    const tested = read('prometheus/alerts.test.yml');
    for (const name of declared) expect(tested).toContain(`alertname: ${name}\n        exp_alerts:`);
  });
});

test('no secret is in any log, answer, metric or message, as it is or in hex or base64, whatever fails', async () => {
  // More that fails: verifying against a node that does, and starts with a wallet or a token that cannot be used.
  const vectors = JSON.parse(readFileSync(join(ROOT, 'vectors', 'chronos', 'proofs.json'), 'utf8')) as {
    cases: { digest: string; proof: unknown }[];
  };
  const [{ digest, proof }] = vectors.cases as [{ digest: string; proof: unknown }];
  while (node.asked() < 18) await ask(`${proxyUrl}/api/v1/verify`, json({ digest, proof }));
  for (const path of ['/api/v1/status', '/readyz', '/api/v1/nothing', '/api/v1/consistency?from=9&to=9'])
    await ask(proxyUrl + path);
  await ask(`${proxyUrl}/api/v1/timestamps`, json({ digest: 'no digest' }));
  await ask(anchordMetrics);
  await ask(proxyMetrics);
  await admin('status', '--json');
  const passphrase = 'the-passphrase-of-the-keystore';
  const file = (name: string, text: string, mode = 0o600) => {
    writeFileSync(join(temporary.folder, name), text, { mode });
    return join(temporary.folder, name);
  };
  const shortToken = 'short-token-secret';
  const key = secretIn('wallet.key')[0]!;
  const starts = [
    {
      CHRONOS_WALLET_FILE: file('keystore', '{"version":3,"crypto":{}}'),
      CHRONOS_WALLET_PASSPHRASE_FILE: file('passphrase', passphrase),
    },
    { CHRONOS_WALLET_FILE: file('open.key', key, 0o644) },
    { CHRONOS_WALLET_FILE: file('long.key', `${key}0`) },
    { CHRONOS_PRIVATE_TOKEN_FILE: file('short.token', shortToken) },
    { CHRONOS_EVM_RPC_URLS: `htp://${RPC_SECRETS[0]}:${RPC_SECRETS[1]}@host/${RPC_SECRETS[2]}` },
  ];
  for (const settings of starts) {
    const started = spawnAnchord({
      folder: temporary.folder,
      settings: { ...settings, CHRONOS_DATA_DIR: join(temporary.folder, 'other') },
    });
    expect((await started.ended).code).toBe(1);
    shown.push(started.output());
  }

  const everything = [...shown, anchord.output(), proxy.output()].join('\n');
  const secrets = [
    ...RPC_SECRETS,
    passphrase,
    shortToken,
    ...['wallet.key', 'private.token', 'admin.token'].flatMap(secretIn),
  ];
  expect(secrets.length).toBeGreaterThan(8);
  for (const secret of secrets) {
    const bytes = /^[0-9a-f]{64}$/.test(secret) ? [Buffer.from(secret, 'hex')] : [];
    const forms = [Buffer.from(secret), ...bytes].flatMap((form) => [
      form.toString('hex'),
      form.toString('base64').replace(/=+$/, ''),
    ]);
    for (const form of [secret, secret.toUpperCase(), ...forms]) {
      // Told by its digest: a failing test is shown, too.
      expect([createHash('sha256').update(secret).digest('hex'), everything.includes(form)]).toEqual([
        expect.any(String),
        false,
      ]);
    }
  }
  const basic = Buffer.from(`${RPC_SECRETS[0]}:${RPC_SECRETS[1]}`).toString('base64');
  expect(everything.includes(basic)).toBe(false);
  expect(everything).toContain(`127.0.0.1:${node.port}/…`); // it was told which node fails
}, 120_000);
