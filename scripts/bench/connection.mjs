// @ts-check
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *([0-9]+)\r\n/i;

/**
 * A keep-alive connection with one request outstanding. It reads of an answer what has to be read: the status and where it ends.
 *
 * Why not autocannon or wrk: every request has to name digests that nobody sent before, which the one does at a third of this speed, and this
 * process shares two cores with what it measures, so each microsecond here is missing there; the other is no package of npm's.
 */
export class Connection {
  /**
   * @param {number} port
   * @param {(status: number) => void} onAnswer
   * @param {(why: string) => void} onFault
   * @param {string} [host]
   */
  constructor(port, onAnswer, onFault, host = '127.0.0.1') {
    this.onAnswer = onAnswer;
    this.onFault = onFault;
    this.closing = false;
    this.status = 0;
    /** Bytes of the answer's body that have not come yet; -1 while its head is awaited. */
    this.missing = -1;
    /** @type {Buffer | undefined} */
    this.head = undefined;
    this.socket = connect({ port, host, noDelay: true });
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.on('error', (error) => this.fail(error.message));
    this.socket.on('close', () => this.fail('the connection was closed'));
  }

  /** @param {string | Buffer} bytes */
  send(bytes) {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1');
    else this.socket.write(bytes);
  }

  close() {
    this.closing = true;
    this.socket.destroy();
  }

  /** @param {string} why */
  fail(why) {
    if (this.closing) return;
    this.close();
    this.onFault(why);
  }

  /** @param {Buffer} chunk */
  take(chunk) {
    if (this.missing < 0) {
      const bytes = this.head === undefined ? chunk : Buffer.concat([this.head, chunk]);
      const end = bytes.indexOf(HEAD_END);
      if (end < 0) {
        this.head = bytes;
        return;
      }
      this.head = undefined;
      const head = bytes.toString('latin1', 0, end + 2);
      const length = LENGTH.exec(head)?.[1];
      if (length === undefined) return this.fail(`an answer without content-length: ${head.slice(0, 40)}`);
      this.status = Number(head.slice(9, 12));
      this.missing = Number(length) - (bytes.length - end - 4);
    } else {
      this.missing -= chunk.length;
    }
    if (this.missing > 0) return;
    if (this.missing < 0) return this.fail('more bytes came than the answer has');
    this.missing = -1;
    this.onAnswer(this.status);
  }
}
