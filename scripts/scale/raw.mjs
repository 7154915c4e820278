// @ts-check
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * @typedef {object} Heard what came back on a connection
 * @property {string} text
 * @property {number[]} statuses of all answers
 * @property {boolean} ended whether the other side ended it
 * @property {number} ms until then, or until it was given up
 */

/**
 * Opens a connection from an address.
 *
 * @param {import('./crowd.mjs').Target} target
 * @param {string} localAddress
 * @returns {import('node:net').Socket}
 */
export function open({ port, certificate }, localAddress) {
  const options = { host: '127.0.0.1', port, localAddress };
  const socket = certificate === undefined ? connect(options) : connectTls({ ...options, ca: certificate });
  socket.on('error', () => undefined); // it ends the connection, which is what is looked at
  return socket;
}

/**
 * Writes bytes as they are, and hears what comes until the other side ends the connection or is silent for `quietMs`.
 *
 * @param {import('./crowd.mjs').Target} target
 * @param {string} localAddress
 * @param {string | Buffer} bytes
 * @param {number} [quietMs]
 * @returns {Promise<Heard>}
 */
export function say(target, localAddress, bytes, quietMs = 1_500) {
  const socket = open(target, localAddress);
  const start = performance.now();
  let text = '';
  let ended = false;
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, statuses: statusesIn(text), ended, ms: performance.now() - start });
    };
    const timer = setTimeout(finish, quietMs);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      timer.refresh();
    });
    for (const event of ['end', 'close']) {
      socket.once(event, () => {
        ended = true;
        finish();
      });
    }
    socket.write(bytes);
  });
}

/** @param {string} text */
export function statusesIn(text) {
  return [...text.matchAll(/HTTP\/1\.[01] ([0-9]{3}) /g)].map(([, status]) => Number(status));
}
