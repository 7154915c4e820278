import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Bench } from './testing/bench.js';

const DIGEST = 'ab'.repeat(32);

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

describe('chronos', () => {
  test('--help shows examples and the exit codes, for each command, too', async () => {
    for (const args of [
      ['--help'],
      ['stamp', '--help'],
      ['help', 'verify'],
      ['upgrade', '-h'],
      ['info', '-h'],
      ['proof', '-h'],
      ['certificate', '-h'],
    ]) {
      const { exitCode, stdout, stderr } = await bench.run(args);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Examples?:\n {2}\S/m);
      expect(stdout).toContain('3    not final yet');
    }
  });

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await bench.run(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([
    [[], 'Usage: chronos'],
    [['stmap'], "unknown command 'stmap'"],
    [['stamp', '--wat'], "unknown option '--wat'"],
    [['info'], "missing required argument 'proof'"],
    [['info', 'a', 'b'], 'too many arguments'],
    [['stamp', 'a', '--timeout', '5'], '--timeout is for --wait'],
    [['stamp', 'a', '--wait', '--timeout', 'soon'], 'a number of seconds'],
    [['stamp', 'a', '--out', 'b', '--out-dir', 'c'], 'exclude each other'],
    [['stamp', 'a', 'b', '--out', 'c'], '--out is for one document'],
    [['stamp', '--digest', '0xab'], 'starts with 0x'],
    [['status', '--server', 'chronos.example'], '--server is no address'],
  ])('%j is a usage error: exit 2, a message, no stack, no request', async (args, message) => {
    const { exitCode, stdout, stderr } = await bench.run(args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    const { document, ...json } = await bench.runJson(args);
    expect(json.exitCode).toBe(2);
    expect(document.error).toMatchObject({ code: 'usage' });
    expect(bench.service.requests).toEqual([]);
  });

  test('a malformed CHRONOS_URL is named', async () => {
    const { exitCode, stderr } = await bench.run(['status'], { env: { CHRONOS_URL: 'nowhere' } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('CHRONOS_URL is no address');
  });

  test('global options stand before or after the command', async () => {
    const before = await bench.run(['--json', '--server', bench.service.url, 'status'], {
      env: { CHRONOS_URL: 'nowhere' },
    });
    expect(before.exitCode).toBe(0);
    expect(JSON.parse(before.stdout)).toHaveProperty('totals');
  });

  test('a name that looks like an option is a name after --', async () => {
    const { exitCode, stderr } = await bench.run(['info', '--', '--json']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--json: no such file');
  });

  test('draws no bars and no colours where nobody watches', async () => {
    const { stdout, stderr } = await bench.run(['stamp', '--digest', DIGEST, '--wait']);
    expect(stdout + stderr).not.toContain('\u001b');
  });

  test('a reader that goes away is no error', async () => {
    const ended = await bench.run(['stamp', '--digest', DIGEST, '--wait'], { closeStdout: true });
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).not.toMatch(/EPIPE|^\s+at /m);
    expect(JSON.parse(await readFile(bench.path(`${DIGEST}.chronos.json`), 'utf8'))).toEqual(
      bench.service.proof(DIGEST),
    );
  });
});
