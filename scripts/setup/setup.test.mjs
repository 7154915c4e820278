// @ts-check
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { removeStaleOutput } from './build.mjs';
import { faultOf } from './install.mjs';
import { isSupportedNode } from './node-version.mjs';
import { run } from './run.mjs';
import { missingTools } from './tool-chain.mjs';

test.each([
  ['18.20.8', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['22.0.0', true],
  ['24.21.0', true],
])('Node %s is supported: %s', (version, supported) => {
  expect(isSupportedNode(version)).toBe(supported);
});

test('names the tools that are missing, and takes what the environment names for them', () => {
  const has =
    (/** @type {string[]} */ ...commands) =>
    (/** @type {string} */ command) =>
      commands.includes(command);
  expect(missingTools(has(), {})).toEqual(['Python 3', 'make', 'a C++ compiler']);
  expect(missingTools(has('python3', 'make'), {})).toEqual(['a C++ compiler']);
  expect(missingTools(has('python3', 'make', 'clang++'), {})).toEqual([]);
  expect(missingTools(has('python3', 'make', 'g++-14'), { CXX: 'g++-14' })).toEqual([]);
});

test('tells a registry out of reach in one line, and of any other failure what pnpm said', () => {
  const offline = faultOf('npm error request failed, reason: getaddrinfo EAI_AGAIN registry.example');
  expect(offline.message).toMatch(/registry cannot be reached \(EAI_AGAIN\)/);
  expect(offline.output).toBe('');

  const headers = faultOf('gyp ERR! stack FetchError: request failed, reason: getaddrinfo ENOTFOUND headers.example');
  expect(headers.message).not.toMatch(/registry/);
  expect(headers.output).toMatch(/gyp ERR!/);
});

test('deletes what was compiled from a source that is gone, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stale-output-'));
  try {
    const files = ['src/kept.ts', 'dist/.tsbuildinfo', 'dist/bundle.js'];
    const compiled = ['.js', '.js.map', '.d.ts', '.d.ts.map'];
    const kept = compiled.map((suffix) => `dist/kept${suffix}`);
    const gone = compiled.map((suffix) => `dist/deep/gone.test${suffix}`);
    for (const file of [...files, ...kept, ...gone]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '');
    }

    removeStaleOutput(folder);

    const there = (/** @type {string} */ file) => existsSync(join(folder, file));
    expect([...files, ...kept].filter((file) => !there(file))).toEqual([]);
    expect(gone.filter(there)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a command that is not there is a fault that names it', async () => {
  await expect(run('no-such-command', [])).rejects.toThrow(/^no-such-command cannot be started/);
});
