// @ts-check
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from './crowd.mjs';
import { open, say, statusesIn } from './raw.mjs';

/**
 * @typedef {object} Attack
 * @property {string} what
 * @property {(field: Field) => Promise<string>} run what came of it, in a few words; calls `field.fault` for what must not be
 */

/**
 * @typedef {object} Field
 * @property {import('./crowd.mjs').Target} target
 * @property {number} network the third number of the attackers' addresses; each attack has its own, so that none is refused for the one before
 * @property {(what: string) => void} fault
 */

const JSON_HEADERS = 'host: x\r\ncontent-type: application/json\r\n';
const hex = () => randomBytes(32).toString('hex');
const submission = (/** @type {string} */ digest) => JSON.stringify({ digest });

/**
 * @param {string} body
 * @param {string} [headers]
 */
const post = (body, headers = `content-length: ${Buffer.byteLength(body)}\r\n`) =>
  `POST /api/v1/timestamps HTTP/1.1\r\n${JSON_HEADERS}${headers}\r\n${body}`;

/**
 * @param {readonly number[]} statuses
 */
function tallied(statuses) {
  const counts = new Map();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([status, count]) => `${count} × ${status || 'ended'}`)
    .join(', ');
}

/**
 * Opens connections that trickle, and counts those that the server ends in time.
 *
 * @param {Field} field
 * @param {{ head: string, drop: string, count: number, seconds: number }} options `drop` is sent each half second
 */
async function trickle({ target, network, fault }, { head, drop, count, seconds }) {
  let ended = 0;
  let text = '';
  const sockets = Array.from({ length: count }, (_, i) => {
    const socket = open(target, `127.0.${network}.${(i % 4) + 1}`);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.once('close', () => ended++);
    socket.write(head);
    return socket;
  });
  for (let half = 0; half < seconds * 2 && ended < count; half++) {
    await pause(500);
    for (const socket of sockets) if (socket.writable) socket.write(drop);
  }
  const left = count - ended;
  for (const socket of sockets) socket.destroy();
  if (left > 0) fault(`${left} of ${count} slow connections were still there after ${seconds} s`);
  return `${count} ended (${tallied(statusesIn(text))})`;
}

/**
 * Sends each text on a connection of its own, at once, and wants each answered by one of `allowed`, or ended without an answer.
 *
 * @param {Field} field
 * @param {readonly (readonly [string, string | Buffer])[]} texts with names
 * @param {readonly number[]} allowed
 */
async function refused({ target, network, fault }, texts, allowed) {
  const heard = await Promise.all(
    texts.map(async ([name, bytes], i) => ({ name, ...(await say(target, `127.0.${network}.${i + 1}`, bytes)) })),
  );
  for (const { name, statuses, ended } of heard) {
    const isRefused = statuses.length > 0 ? statuses.every((status) => allowed.includes(status)) : ended;
    if (!isRefused) fault(`${name} was answered ${statuses.join(', ') || 'nothing, and held'}`);
  }
  return tallied(heard.map(({ statuses }) => statuses[0] ?? 0));
}

/** @type {readonly Attack[]} */
export const ATTACKS = [
  {
    what: 'slow headers',
    run: (field) =>
      trickle(field, { head: 'GET / HTTP/1.1\r\nhost: x\r\n', drop: 'x: y\r\n', count: 400, seconds: 14 }),
  },
  {
    what: 'slow bodies',
    run: (field) => trickle(field, { head: post('{', 'content-length: 900\r\n'), drop: ' ', count: 400, seconds: 36 }),
  },
  {
    what: '2,000 idle connections, 800 from one address',
    run: async ({ target, network, fault }) => {
      const one = `127.0.${network}.1`;
      const addresses = [
        ...Array.from({ length: 800 }, () => one),
        ...Array.from({ length: 1_200 }, (_, i) => `127.0.${network}.${2 + (i % 20)}`),
      ];
      /** @type {{ address: string, socket: import('node:net').Socket }[]} */
      const sockets = [];
      for (const [i, address] of addresses.entries()) {
        const socket = open(target, address);
        socket.resume(); // or its end is not noticed
        sockets.push({ address, socket });
        if (i % 50 === 49) await pause(50);
      }
      await pause(2_000);
      const alive = sockets.filter(({ socket }) => !socket.destroyed && !socket.readableEnded);
      const ofOne = alive.filter(({ address }) => address === one).length;
      for (const { socket } of sockets) socket.destroy();
      if (ofOne > 256) fault(`one address holds ${ofOne} connections`);
      return `held: ${ofOne} of the one, ${alive.length - ofOne} of 20 others`;
    },
  },
  {
    what: 'oversized and odd bodies',
    run: (field) => {
      const large = 'x'.repeat(3_000_000);
      const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
      const depth = 400_000;
      return refused(
        field,
        [
          ['a body of 3 MB', post(large)],
          ['3 MB in a chunk', post(chunk, 'transfer-encoding: chunked\r\n')],
          ['a length of 10 TB', post('{', 'content-length: 10995116277760\r\n')],
          ['a length that is no number', post('{', 'content-length: 1e3\r\n')],
          ['a length below zero', post('{', 'content-length: -1\r\n')],
          ['deeply nested arrays', post('['.repeat(depth) + ']'.repeat(depth))],
          ['deeply nested objects', post('{"digest":'.repeat(80_000) + '1' + '}'.repeat(80_000))],
          ['20,000 digests of one digit', post(JSON.stringify({ digests: Array.from({ length: 20_000 }, () => 'a') }))],
          [
            'invalid UTF-8',
            Buffer.concat([Buffer.from(post('', 'content-length: 4\r\n')), Buffer.from([0x22, 0xc3, 0x28, 0x22])]),
          ],
          ['a NUL', post('{"digest":"\0"}')],
          ['a key twice, with __proto__', post('{"__proto__":{"digest":1},"digest":"a","digest":"b"}')],
          ['gzip', post('{}', 'content-encoding: gzip\r\ncontent-length: 2\r\n')],
        ],
        [400, 408, 413, 415],
      );
    },
  },
  {
    what: 'header bombs',
    run: (field) =>
      refused(
        field,
        [
          ['a header of 1 MB', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`],
          ['a target of 100 kB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
          [
            '5,000 headers',
            `GET / HTTP/1.1\r\nhost: x\r\n${Array.from({ length: 5_000 }, (_, i) => `x${i}: y\r\n`).join('')}\r\n`,
          ],
          ['a cookie of 60 kB', `GET / HTTP/1.1\r\nhost: x\r\ncookie: ${'c=d;'.repeat(15_000)}\r\n\r\n`],
          ['no host', 'GET /api/v1/windows HTTP/1.1\r\n\r\n'],
          ['two hosts', 'GET /api/v1/windows HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n'],
          ['a NUL in a header', 'GET /api/v1/windows HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n'],
          ['HTTP/0.9', 'GET /api/v1/windows\r\n\r\n'],
          ['no HTTP', randomBytes(2_000)],
        ],
        [400, 408, 413, 414, 431],
      ),
  },
  {
    what: 'path tricks',
    run: (field) =>
      refused(
        field,
        [
          '/../../../../etc/passwd',
          '/docs/../../../package.json',
          '/docs/..%2f..%2f..%2fpackage.json',
          '/assets/..%2f..%2fpackage.json',
          '/docs/%2e%2e/%2e%2e/package.json',
          '/docs/..\\..\\package.json',
          '//etc/passwd',
          '/%00',
          '/docs/swagger-ui.css%00.html',
          '/%',
          '/%c0%ae%c0%ae/',
          '/metrics',
          '/admin',
          '/status/../metrics',
          '/.git/config',
          '/api/v1/../../metrics',
          '/api/v1/status/',
          '/API/V1/STATUS',
          '/api/v1/status;x=y',
          '/digests',
          '/proofs',
          '/close-window',
          '/windows/1/final?wait=60',
          'http://127.0.0.1:7402/close-window',
          '/api/v1/proofs/%2e%2e%2fstatus',
          `/api/v1/proofs/${hex().toUpperCase()}`,
        ].map((path) => [path, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`]),
        [302, 400, 404],
      ),
  },
  { what: 'request smuggling', run: smuggle },
  {
    what: 'a client over its limit',
    run: async ({ target, network, fault }) => hammer({ target, network, fault }, () => ({})),
  },
  {
    what: 'the same, with a forged X-Forwarded-For',
    // It names another each time, among them those of the crowd: neither may it escape so, nor spend what is theirs.
    run: async ({ target, network, fault }) =>
      hammer({ target, network, fault }, (i) => ({
        'x-forwarded-for': `127.0.${1 + (i % 2)}.${1 + (i % 16)}`,
        forwarded: 'for=127.0.1.1',
      })),
  },
];

/**
 * Requests whose end two readers could see in two places. Hidden in each is a submission that must not be carried out.
 * @param {Field} field
 */
async function smuggle({ target, network, fault }) {
  const shapes = SMUGGLING.map(([name, shape]) => {
    const hidden = hex();
    return { name, hidden, bytes: shape(post(submission(hidden))) };
  });
  const heard = await Promise.all(shapes.map(({ bytes }, i) => say(target, `127.0.${network}.${i + 1}`, bytes)));
  const client = new Client(target, `127.0.${network}.200`);
  for (const { name, hidden } of shapes) {
    const { status } = await client.send('GET', `/api/v1/timestamps/${hidden}`);
    if (status !== 404) fault(`${name}: the hidden request was carried out`);
  }
  client.close();
  return tallied(heard.map(({ statuses }) => statuses[0] ?? 0));
}

const honest = () => submission(hex());

/** @type {readonly (readonly [string, (hidden: string) => string])[]} */
const SMUGGLING = [
  [
    'CL.TE',
    (hidden) => post(`0\r\n\r\n${hidden}`, `content-length: ${5 + hidden.length}\r\ntransfer-encoding: chunked\r\n`),
  ],
  [
    'TE.CL',
    (hidden) =>
      post(
        `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
        'transfer-encoding: chunked\r\ncontent-length: 4\r\n',
      ),
  ],
  [
    'two lengths',
    (hidden) =>
      post(
        honest() + hidden,
        `content-length: ${honest().length}\r\ncontent-length: ${honest().length + hidden.length}\r\n`,
      ),
  ],
  [
    'two lengths in one',
    (hidden) => post(honest() + hidden, `content-length: ${honest().length}, ${honest().length + 1}\r\n`),
  ],
  ['a length with a sign', (hidden) => post(honest() + hidden, `content-length: +${honest().length}\r\n`)],
  [
    'chunked, twice',
    (hidden) => post(`0\r\n\r\n${hidden}`, 'transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n'),
  ],
  ['xchunked', (hidden) => post(`0\r\n\r\n${hidden}`, 'transfer-encoding: xchunked\r\n')],
  [
    'chunked after a tab',
    (hidden) => post(`0\r\n\r\n${hidden}`, `transfer-encoding:\tchunked\r\ncontent-length: ${5 + hidden.length}\r\n`),
  ],
  [
    'a space before the colon',
    (hidden) => post(`0\r\n\r\n${hidden}`, `transfer-encoding : chunked\r\ncontent-length: ${5 + hidden.length}\r\n`),
  ],
  [
    'obs-fold',
    (hidden) =>
      post(`0\r\n\r\n${hidden}`, `transfer-encoding:\r\n chunked\r\ncontent-length: ${5 + hidden.length}\r\n`),
  ],
  [
    'a bare LF',
    (hidden) =>
      post(`0\r\n\r\n${hidden}`, `x: y\ntransfer-encoding: chunked\r\ncontent-length: ${5 + hidden.length}\r\n`),
  ],
  [
    'a bare CR',
    (hidden) =>
      post(`0\r\n\r\n${hidden}`, `x: y\rtransfer-encoding: chunked\r\ncontent-length: ${5 + hidden.length}\r\n`),
  ],
  [
    'a chunk size too large',
    (hidden) => post(`ffffffffffffffff5\r\n{}\r\n0\r\n\r\n${hidden}`, 'transfer-encoding: chunked\r\n'),
  ],
  ['a chunk that does not end', (hidden) => post(`2\r\n{}XX\r\n0\r\n\r\n${hidden}`, 'transfer-encoding: chunked\r\n')],
  ['a chunk size with 0x', (hidden) => post(`0x2\r\n{}\r\n0\r\n\r\n${hidden}`, 'transfer-encoding: chunked\r\n')],
  [
    'HTTP/1.0 with chunks',
    (hidden) => post(`0\r\n\r\n${hidden}`, 'transfer-encoding: chunked\r\n').replace('HTTP/1.1', 'HTTP/1.0'),
  ],
];

/** What a client may ask in a minute: the default of proxy and HAProxy. */
const A_MINUTE = 1_200;

/**
 * Asks 1,500 times as fast as it goes, from one address.
 * @param {Field} field
 * @param {(i: number) => Record<string, string>} headersOf
 */
async function hammer({ target, network, fault }, headersOf) {
  const clients = Array.from({ length: 16 }, () => new Client(target, `127.0.${network}.1`));
  /** @type {number[]} */
  const statuses = [];
  const start = performance.now();
  let i = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (i < 1_500) {
        const { status, headers } = await client.send('GET', `/api/v1/timestamps/${hex()}`, {
          headers: headersOf(i++),
        });
        statuses.push(status);
        if (status === 429 && !(Number(headers['retry-after']) >= 1)) fault('a 429 without Retry-After');
      }
    }),
  );
  for (const client of clients) client.close();
  const seconds = (performance.now() - start) / 1000;
  const served = statuses.filter((status) => status === 404).length;
  // Its quota at once, and what came back meanwhile.
  const most = A_MINUTE + (A_MINUTE / 60) * seconds + clients.length;
  if (served > most) fault(`it was served ${served} times in ${seconds.toFixed(1)} s`);
  if (served === statuses.length) fault('it was never refused');
  if (statuses.some((status) => status !== 429 && status !== 404)) fault(`it was answered ${tallied(statuses)}`);
  return tallied(statuses);
}
