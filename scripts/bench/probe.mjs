// @ts-check
import { Connection } from './connection.mjs';
import { Tally } from './histogram.mjs';

/**
 * Sends a request every few milliseconds whether or not earlier ones are answered, so that no pause goes unseen. Ends when its parent says so
 * or the time is up. A request that no connection is free for waits, and its waiting counts.
 *
 * @param {{ port: number, connections: number, seconds: number, everyMs?: number }} job
 * @param {import('./requests.mjs').RequestSource} source
 * @param {() => void} onMeasuring
 * @returns {Promise<import('./histogram.mjs').Outcome>}
 */
export async function probe({ port, connections: count, seconds, everyMs = 5 }, source, onMeasuring) {
  const tally = new Tally();
  /** @type {Connection[]} */
  const idle = [];
  /** @type {Map<Connection, number>} when its request became due */
  const busy = new Map();
  /** @type {number[]} due requests that no connection was free for */
  const late = [];
  let fault = '';
  const send = (/** @type {Connection} */ connection, /** @type {number} */ dueMs) => {
    const request = source.next();
    if (request === undefined) return;
    busy.set(connection, dueMs);
    connection.send(request.bytes);
  };
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const connection = new Connection(
        port,
        (status) => {
          tally.add(status, busy.get(connection) ?? 0, 1);
          busy.delete(connection);
          const dueMs = late.shift();
          if (dueMs === undefined) idle.push(connection);
          else send(connection, dueMs);
        },
        (why) => (fault = why),
      );
      await new Promise((resolve) => connection.socket.once('connect', resolve));
      idle.push(connection);
      return connection;
    }),
  );
  let stopped = false;
  process.once('message', () => (stopped = true));
  tally.start();
  onMeasuring();
  let dueMs = performance.now();
  for (const endMs = dueMs + seconds * 1000; !stopped && !fault && dueMs < endMs; dueMs += everyMs) {
    const waitMs = dueMs - performance.now();
    // A timer's own delay is not the service's: what is due is sent when this process gets its turn.
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const connection = idle.shift(); // in turn: a connection that never asked is closed by the server after a while
    const nowMs = performance.now();
    if (connection === undefined) late.push(nowMs);
    else send(connection, nowMs);
    if (nowMs - dueMs > 1000) dueMs = nowMs; // this process was held up itself: nothing is made up for
  }
  for (const endMs = performance.now() + 10_000; !fault && busy.size > 0 && performance.now() < endMs;)
    await new Promise((resolve) => setTimeout(resolve, 5));
  for (const connection of all) connection.close();
  if (fault) throw new Error(fault);
  if (busy.size > 0) throw new Error(`${busy.size} requests had no answer in 10 s`);
  return tally.outcome();
}
