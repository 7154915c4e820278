import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readConfig } from './config.js';
import { PAGE_POLICY } from './doors/page.js';
import { problemIn, TestProxy } from './test-support/test-proxy.js';

const INDEX = '<!doctype html><title>page</title>';
const DIGEST = 'ab'.repeat(32);

let folder: string;
let proxy: TestProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chronos-page-'));
  mkdirSync(join(folder, 'assets'));
  const files = {
    'index.html': INDEX,
    'favicon.svg': '<svg/>',
    'assets/main-a1.js': 'plain',
    'assets/main-a1.js.br': 'brotli',
    'assets/main-a1.js.gz': 'gzip',
    'notes.secret': 'not of a kind that is served',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  proxy = await TestProxy.start({ webDir: folder });
});

afterAll(async () => {
  await proxy.close();
  rmSync(folder, { recursive: true });
});

const HTML = { accept: 'text/html,application/xhtml+xml' };

describe('the page', () => {
  test.each(['/', '/verify', '/status', '/certificate', `/d/${DIGEST}`])('stands at %s', async (path) => {
    const { status, headers, text } = await proxy.get(path);
    expect([status, text]).toEqual([200, INDEX]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': PAGE_POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    const again = await proxy.send('GET', path, { headers: { 'if-none-match': headers.etag! } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('has a policy without inline code and without any other host for code, styles, fonts or pictures', () => {
    const directives = new Map(
      PAGE_POLICY.split('; ').map((directive) => {
        const [name, ...sources] = directive.split(' ');
        return [name!, sources];
      }),
    );
    expect(PAGE_POLICY).not.toContain('unsafe-inline');
    expect(PAGE_POLICY).not.toContain("'unsafe-eval'");
    for (const name of ['style-src', 'img-src', 'font-src', 'worker-src', 'form-action']) {
      expect([name, directives.get(name)]).toEqual([name, ["'self'"]]);
    }
    expect(directives.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    for (const name of ['default-src', 'base-uri', 'frame-ancestors']) {
      expect([name, directives.get(name)]).toEqual([name, ["'none'"]]);
    }
  });

  test.each([
    ['br, gzip', 'br', 'brotli'],
    ['gzip, deflate', 'gzip', 'gzip'],
    ['gzip;q=0.5, br;q=0', 'gzip', 'gzip'],
    ['identity', undefined, 'plain'],
    ['', undefined, 'plain'],
  ])('sends its files to who accepts "%s" encoded as %s, for ever', async (accepted, encoding, text) => {
    const answer = await proxy.send('GET', '/assets/main-a1.js', { headers: { 'accept-encoding': accepted } });
    expect([answer.status, answer.headers['content-encoding'], answer.text]).toEqual([200, encoding, text]);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
  });

  test.each(['/assets/gone.js', '/assets/main-a1.js.br', '/assets/..%2findex.html', '/notes.secret', '/index.html'])(
    'has nothing at %s',
    async (path) => {
      expect(problemIn(await proxy.get(path))).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  test('tells a person that a path is not there by itself, and a program by a problem', async () => {
    for (const path of ['/nowhere', '/d/abc']) {
      const page = await proxy.send('GET', path, { headers: HTML });
      expect([page.status, page.text]).toEqual([404, INDEX]);
      expect(page.headers['content-security-policy']).toBe(PAGE_POLICY);
      const { headers } = await proxy.get(path);
      expect(headers['content-type']).toBe('application/problem+json');
    }
    const post = await proxy.send('POST', '/nowhere', { headers: HTML });
    expect(problemIn(post).status).toBe(404);
  });
});

test('a folder without a page is refused with the setting that names it', () => {
  const token = join(folder, 'token');
  writeFileSync(token, 'x'.repeat(40), { mode: 0o600 });
  const settings = { CHRONOS_PRIVATE_TOKEN_FILE: token };
  expect(readConfig({ ...settings, CHRONOS_WEB_DIR: folder }).webDir).toBe(folder);
  expect(() => readConfig({ ...settings, CHRONOS_WEB_DIR: join(folder, 'assets') })).toThrow(
    /^CHRONOS_WEB_DIR must name the folder of a built page/,
  );
});
