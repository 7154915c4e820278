import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PAGE_POLICY } from './doors/page.js';
import { type Answer, randomDigest, TestProxy } from './test-support/test-proxy.js';

let folder: string;
let proxy: TestProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chronos-plain-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(
    join(folder, 'index.html'),
    '<head><link rel="stylesheet" href="/assets/main-a1.css"><!-- no-script --></head>',
  );
  writeFileSync(join(folder, 'assets', 'main-a1.css'), 'main{}');
  proxy = await TestProxy.start({ webDir: folder });
});

afterAll(async () => {
  await proxy.close();
  rmSync(folder, { recursive: true });
});

function postForm(body: string, type = 'application/x-www-form-urlencoded'): Promise<Answer> {
  return proxy.send('POST', '/plain', { body, headers: { 'content-type': type } });
}

test('a form submits a digest, however it was pasted, and leads to a page about it that looks again by itself', async () => {
  const digest = randomDigest();
  const posted = await postForm(`digest=+${digest.toUpperCase()}%0D%0A`);
  expect([posted.status, posted.headers.location]).toEqual([303, `/plain/${digest}`]);
  expect(proxy.anchord.entries.has(digest)).toBe(true);

  const page = await proxy.get(`/plain/${digest}`);
  expect(page.status).toBe(200);
  expect(page.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': PAGE_POLICY,
  });
  expect(page.text).toContain('<meta http-equiv="refresh" content="10">');
  expect(page.text).toContain(`href="/api/v1/proofs/${digest}" download="${digest}.chronos.json"`);
  expect(page.text).toContain('href="/assets/main-a1.css"');
  expect(page.text).not.toContain('<script');

  proxy.anchord.finalize(proxy.anchord.windowId);
  const final = await proxy.get(`/plain/${digest}`);
  expect(final.text).toContain('Existed no later than');
  expect(final.text).not.toContain('http-equiv="refresh"');
});

test('looking a digest up leads to its page, which says of an unknown one that it is', async () => {
  const digest = randomDigest();
  const asked = await proxy.get(`/plain?digest=${digest}`);
  expect([asked.status, asked.headers.location]).toEqual([303, `/plain/${digest}`]);
  const page = await proxy.get(`/plain/${digest}`);
  expect(page.status).toBe(404);
  expect(page.text).toContain('never stamped here');
});

test.each([
  ['no digest', 'digest=', 400],
  ['a digit too few', `digest=${'a'.repeat(63)}`, 400],
  ['another field', `hash=${'a'.repeat(64)}`, 400],
  ['a field too many', `digest=${'a'.repeat(64)}&more=1`, 400],
  ['a digest twice', `digest=${'a'.repeat(64)}&digest=${'b'.repeat(64)}`, 400],
  ['code', 'digest=%3Cscript%3Ealert(1)%3C/script%3E', 400],
  ['too much', `digest=${'a'.repeat(2_000)}`, 413],
])('a form with %s is refused on a page, and nothing of it is submitted', async (_what, body, status) => {
  const before = proxy.anchord.entries.size;
  const answer = await postForm(body);
  expect([answer.status, answer.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
  expect(answer.text).not.toContain('<script');
  expect(proxy.anchord.entries.size).toBe(before);
});

test('a body of another kind is no form', async () => {
  expect((await postForm(`{"digest":"${'a'.repeat(64)}"}`, 'application/json')).status).toBe(415);
});

test('the page of a digest leads a browser without JavaScript on', async () => {
  const digest = randomDigest();
  const { text } = await proxy.get(`/d/${digest}`);
  expect(text).toContain(`<noscript><meta http-equiv="refresh" content="0; url=/plain/${digest}" /></noscript>`);
});
