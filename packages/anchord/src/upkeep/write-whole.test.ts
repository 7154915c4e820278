import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { temporaryFolder } from '../test-support/temporary.js';
import { writeWhole } from './write-whole.js';

let temporary: ReturnType<typeof temporaryFolder>;
let target: string;

beforeEach(() => {
  temporary = temporaryFolder();
  target = join(temporary.folder, 'out.jsonl');
});

afterEach(() => {
  temporary.remove();
});

const write = (text: Iterable<string>, options: { force?: boolean; target?: string } = {}) =>
  writeWhole(text, { storeFile: import.meta.filename, target, force: false, ...options });

test('a file appears whole, for its owner alone, and nothing else', async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `line ${i}\n`);
  await write(lines);
  expect(readFileSync(target, 'utf8')).toBe(lines.join(''));
  expect(statSync(target).mode & 0o777).toBe(0o600);
  expect(readdirSync(temporary.folder)).toEqual(['out.jsonl']);
});

test('one that stands there is replaced only when told to, and stays as it is when what is to be written fails', async () => {
  writeFileSync(target, 'before');
  await expect(write(['after'])).rejects.toMatchObject({ code: 'invalid_request', message: /--force/ });
  await expect(write(failing(), { force: true })).rejects.toThrow('no proof');
  expect(readFileSync(target, 'utf8')).toBe('before');
  expect(readdirSync(temporary.folder)).toEqual(['out.jsonl']);
  await write(['after'], { force: true });
  expect(readFileSync(target, 'utf8')).toBe('after');
});

test('a file that comes to stand there meanwhile is not replaced', async () => {
  await expect(write(overtaken())).rejects.toMatchObject({ code: 'invalid_request' });
  expect(readFileSync(target, 'utf8')).toBe('another');
  expect(readdirSync(temporary.folder)).toEqual(['out.jsonl']);
});

test('a target in the folder of the store, or in none, is refused', async () => {
  await expect(write(['x'], { target: join(import.meta.dirname, 'x') })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  await expect(write(['x'], { target: join(temporary.folder, 'no', 'x') })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

function* failing(): Generator<string> {
  yield 'a line\n';
  throw new Error('no proof');
}

function* overtaken(): Generator<string> {
  yield 'a line\n';
  writeFileSync(target, 'another');
}
