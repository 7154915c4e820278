// @ts-check
import { Connection } from './connection.mjs';
import { Tally } from './histogram.mjs';

/** Without any answer for so long, the run has failed. */
const SILENCE_MS = 30_000;

/**
 * Sends over all connections, on each the next request when the last one is answered, until the time is up or the requests are; then awaits
 * the answers that are still out.
 *
 * @param {{ port: number, hosts?: readonly string[], connections: number, seconds: number, warmUpSeconds: number }} job connections take the hosts in turn
 * @param {() => import('./requests.mjs').RequestSource} makeSource called once a connection
 * @param {() => void} onMeasuring
 * @returns {Promise<import('./histogram.mjs').Outcome>}
 */
export function closedLoop(
  { port, hosts = ['127.0.0.1'], connections: count, seconds, warmUpSeconds },
  makeSource,
  onMeasuring,
) {
  return new Promise((resolve, reject) => {
    const tally = new Tally();
    /** @type {Connection[]} */
    const connections = [];
    let outstanding = 0;
    let timeIsUp = false;
    const end = (/** @type {Error | undefined} */ error) => {
      for (const timer of [warmUp, deadline]) clearTimeout(timer);
      clearInterval(silence);
      for (const connection of connections) connection.close();
      if (error) reject(error);
      else resolve(tally.outcome());
    };
    const warmUp = setTimeout(() => {
      tally.start();
      onMeasuring();
    }, warmUpSeconds * 1000);
    const deadline = setTimeout(() => (timeIsUp = true), (warmUpSeconds + seconds) * 1000);
    const silence = setInterval(() => {
      if (performance.now() - tally.lastMs > SILENCE_MS) end(new Error(`no answer for ${SILENCE_MS / 1000} s`));
    }, 1000);

    for (let i = 0; i < count; i++) {
      const source = makeSource();
      let sentMs = 0;
      let digests = 0;
      const sendNext = () => {
        const request = timeIsUp ? undefined : source.next();
        if (request === undefined) {
          if (outstanding === 0) end(undefined);
          return;
        }
        outstanding++;
        digests = request.digests;
        sentMs = performance.now();
        connection.send(request.bytes);
      };
      const connection = new Connection(
        port,
        (status) => {
          outstanding--;
          tally.add(status, sentMs, digests);
          sendNext();
        },
        (why) => end(new Error(why)),
        hosts[i % hosts.length],
      );
      connections.push(connection);
      connection.socket.once('connect', sendNext);
    }
  });
}
