// @ts-check
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createHistogram } from 'node:perf_hooks';

/**
 * Where a crowd sends to.
 * @typedef {{ port: number, certificate?: string }} Target `certificate`: TLS, checked against it
 */

/** @typedef {{ status: number, headers: import('node:http').IncomingHttpHeaders, text: string }} Answer */

/**
 * Resolves when the time is over or the signal is given.
 * @param {number} ms
 * @param {AbortSignal} signal
 */
function rest(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve(undefined);
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** A client at an address of its own, with one connection that it keeps. */
export class Client {
  /**
   * @param {Target} target
   * @param {string} address one of 127.0.0.0/8
   */
  constructor({ port, certificate }, address) {
    this.address = address;
    this.isTls = certificate !== undefined;
    const agentOptions = { keepAlive: true, maxSockets: 1, localAddress: address };
    this.agent = this.isTls ? new HttpsAgent({ ...agentOptions, ca: certificate }) : new HttpAgent(agentOptions);
    this.target = { host: '127.0.0.1', port };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ body?: unknown, headers?: Record<string, string>, timeoutMs?: number }} [options]
   * @returns {Promise<Answer>}
   */
  send(method, path, { body, headers = {}, timeoutMs = 30_000 } = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type =
      text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(text.length) };
    return new Promise((resolve, reject) => {
      const options = { ...this.target, method, path, headers: { ...type, ...headers }, agent: this.agent };
      const outgoing = (this.isTls ? httpsRequest : httpRequest)({
        ...options,
        signal: AbortSignal.timeout(timeoutMs),
      });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer });
        });
      });
      outgoing.end(text);
    });
  }

  close() {
    this.agent.destroy();
  }
}

/** What a well-behaved client is told to have stored, and has to find again. */
export class Ledger {
  /** The receipt that each digest was acknowledged with. @type {Map<string, { salt: string, window: number }>} */
  acknowledged = new Map();
  /** What must not be and was. @type {string[]} */
  faults = [];

  /** @param {string} what */
  fault(what) {
    if (this.faults.length < 200) this.faults.push(what);
  }

  /**
   * @param {readonly string[]} digests
   * @param {Answer} answer
   */
  enter(digests, { text }) {
    const { items } = /** @type {{ items: { digest: string, salt: string, window: { id: number } }[] }} */ (
      JSON.parse(text)
    );
    digests.forEach((digest, i) => {
      const item = items[i];
      if (item?.digest !== digest) return this.fault(`the receipt of ${digest} is one of ${item?.digest}`);
      const known = this.acknowledged.get(digest);
      if (known !== undefined && known.salt !== item.salt) this.fault(`${digest} has got a second salt`);
      this.acknowledged.set(digest, { salt: item.salt, window: item.window.id });
    });
  }

  /**
   * Holds a proof against the receipt.
   * @param {string} digest
   * @param {{ digest: { value: string }, salt: string, window: { id: number } }} proof
   */
  holds(digest, proof) {
    const receipt = this.acknowledged.get(digest);
    const agrees = proof.digest.value === digest && proof.salt === receipt?.salt && proof.window.id === receipt.window;
    if (!agrees) this.fault(`the proof of ${digest} is not of its receipt`);
  }
}

/**
 * What a crowd has seen since it was asked last.
 * @typedef {{ answers: number, unavailable: number, p50Ms: number, p99Ms: number, maxMs: number }} Seen
 */

/** Clients that behave well: each at an address of its own, with pauses between its requests, and patient where it is told to come later. */
export class Crowd {
  latencies = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 });
  answers = 0;
  unavailable = 0;
  maxMs = 0;
  stopping = new AbortController();

  /**
   * @param {{ target: Target, ledger: Ledger, clients: number, network: number, pauseMs: number }} options `network`: the third number of their addresses
   */
  constructor({ target, ledger, clients, network, pauseMs }) {
    this.ledger = ledger;
    setMaxListeners(0, this.stopping.signal);
    this.pauseMs = pauseMs;
    this.clients = Array.from({ length: clients }, (_, i) => new Client(target, `127.0.${network}.${i + 1}`));
    this.loops = this.clients.map((client) => this.loop(client));
  }

  /** @returns {Seen} */
  seen() {
    const { latencies, answers, unavailable, maxMs } = this;
    const [p50Ms = 0, p99Ms = 0] = [50, 99].map((p) => (answers === 0 ? NaN : latencies.percentile(p) / 1000));
    latencies.reset();
    this.answers = this.unavailable = this.maxMs = 0;
    return { answers, unavailable, p50Ms, p99Ms, maxMs };
  }

  async stop() {
    this.stopping.abort();
    await Promise.all(this.loops);
    for (const client of this.clients) client.close();
  }

  /** @param {Client} client */
  async loop(client) {
    /** @type {string[]} */
    let mine = [];
    const { signal } = this.stopping;
    for (let turn = 0; !signal.aborted; turn++) {
      if (turn % 4 === 3 && mine.length > 0) {
        await this.lookUp(client, /** @type {string} */ (mine[Math.floor(Math.random() * mine.length)]));
      } else {
        const digests = Array.from({ length: turn % 10 === 0 ? 8 : 1 }, () => randomBytes(32).toString('hex'));
        if (await this.submit(client, digests)) mine = [...mine.slice(-100), ...digests];
      }
      await rest(this.pauseMs * (0.5 + Math.random()), signal);
    }
  }

  /**
   * Until they are acknowledged, or the crowd is stopped.
   * @param {Client} client
   * @param {readonly string[]} digests
   */
  async submit(client, digests) {
    const body = digests.length === 1 ? { digest: digests[0] } : { digests };
    const answer = await this.persist(client, 'POST', '/api/v1/timestamps', body);
    if (answer?.status === 202) this.ledger.enter(digests, answer);
    else if (answer !== undefined)
      this.ledger.fault(`submitting was answered ${answer.status}: ${answer.text.slice(0, 200)}`);
    return answer?.status === 202;
  }

  /**
   * @param {Client} client
   * @param {string} digest
   */
  async lookUp(client, digest) {
    const answer = await this.persist(client, 'GET', `/api/v1/proofs/${digest}`, undefined);
    if (answer?.status === 200 || answer?.status === 202) this.ledger.holds(digest, JSON.parse(answer.text));
    else if (answer !== undefined)
      this.ledger.fault(`the proof of an acknowledged digest was answered ${answer.status}`);
  }

  /**
   * Sends again for as long as the answer is 503, when it says to. Anything else that is no answer is a fault.
   * @param {Client} client
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   */
  async persist(client, method, path, body) {
    for (;;) {
      const sentMs = performance.now();
      let answer;
      try {
        answer = await client.send(method, path, body === undefined ? {} : { body });
      } catch (error) {
        const { message, code } = /** @type {NodeJS.ErrnoException} */ (error);
        return void this.ledger.fault(
          `${method} ${path.slice(0, 24)} from ${client.address}: ${code ?? ''} ${message}`,
        );
      }
      if (answer.status !== 503) {
        this.count(performance.now() - sentMs);
        return answer;
      }
      this.unavailable++;
      const seconds = Number(answer.headers['retry-after']);
      if (!(seconds >= 1)) this.ledger.fault('a 503 without Retry-After');
      if (this.stopping.signal.aborted) return undefined;
      await rest(Math.max(1, seconds) * 1000, this.stopping.signal);
    }
  }

  /** @param {number} ms */
  count(ms) {
    this.answers++;
    this.maxMs = Math.max(this.maxMs, ms);
    this.latencies.record(Math.max(1, Math.round(ms * 1000)));
  }
}
