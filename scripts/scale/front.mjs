// @ts-check
import { once } from 'node:events';
import { connect } from 'node:http2';
import { Client } from './crowd.mjs';
import { say } from './raw.mjs';

/**
 * What HAProxy does besides: HTTP/2, the redirect, headers of its own, the cache of finished proofs.
 *
 * @param {{ stack: import('./stack.mjs').Stack, digest: string, fault: (what: string) => void }} options `digest` has a finished proof
 */
export async function checkFront({ stack: { ports, certificate }, digest, fault }) {
  const expect = (/** @type {boolean} */ holds, /** @type {string} */ what) =>
    void (holds || fault(`HAProxy: ${what}`));
  const path = `/api/v1/proofs/${digest}`;
  const client = new Client({ port: ports.https, certificate }, '127.0.9.2');
  const headers = { 'x-request-id': 'of-the-client' };
  const first = await client.send('GET', path, { headers });
  const again = await client.send('GET', path, { headers });
  expect(first.status === 200 && again.status === 200, `a finished proof is answered ${first.status}, ${again.status}`);
  expect(again.headers['age'] !== undefined, 'a finished proof is not cached');
  expect(again.text === first.text, 'a cached proof differs');
  const ids = [first, again].map((answer) => String(answer.headers['x-request-id']));
  expect(ids[0] !== ids[1] && !ids.includes('of-the-client'), `request ids are ${ids.join(', ')}`);
  expect(first.headers['strict-transport-security'] !== undefined, 'no Strict-Transport-Security');
  const { headers: ofStatus } = await client.send('GET', '/api/v1/status');
  expect(ofStatus['age'] === undefined && ofStatus['cache-control'] === 'no-store', 'the status may be cached');
  const large = await client.send('POST', '/api/v1/timestamps', { body: { digest: 'x'.repeat(1_100_000) } });
  const problem = JSON.parse(large.text);
  expect(large.status === 413 && problem.code === 'request_too_large', `a large body is answered ${large.status}`);
  client.close();

  const { text } = await say(
    { port: ports.http },
    '127.0.9.2',
    `GET ${path} HTTP/1.1\r\nhost: chronos.example\r\n\r\n`,
  );
  expect(/^HTTP\/1\.1 308 /.test(text), 'http is not redirected');
  expect(text.toLowerCase().includes(`location: https://chronos.example${path}\r\n`), 'it is redirected elsewhere');

  const session = connect(`https://127.0.0.1:${ports.https}`, { ca: certificate });
  const stream = session.request({ ':path': '/api/v1/status' });
  const [response] = await once(stream, 'response');
  expect(
    session.alpnProtocol === 'h2' && response[':status'] === 200,
    `over HTTP/2 it is answered ${response[':status']}`,
  );
  session.destroy();
}
