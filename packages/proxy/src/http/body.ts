import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { ChronosError } from '@chronos/shared';
import { ClientGone, type Exchange } from './exchange.js';
import { overloaded } from './problem.js';

const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?$/i;

/** Reads the bodies of requests: JSON, within a size, in memory that is bounded for all of them together. */
export class BodyReader {
  private receivingBytes = 0;

  constructor(private readonly maxReceivingBytes: number) {}

  /** The text of a form, percent-encoded as it came. */
  async readForm(exchange: Exchange, maxBytes: number): Promise<string> {
    const type = exchange.req.headers['content-type'] ?? '';
    if (!/^application\/x-www-form-urlencoded[ \t]*(;|$)/i.test(type)) {
      throw new ChronosError('unsupported_media_type', 'send the form as application/x-www-form-urlencoded', {
        field: 'content-type',
      });
    }
    return (await this.read(exchange, maxBytes)).toString('latin1');
  }

  /** The JSON value of a request's body. Rejects with the error to answer; what is left of the body is then thrown away by Node. */
  async readJson(exchange: Exchange, maxBytes: number): Promise<unknown> {
    refuseOtherTypes(exchange.req.headers);
    const body = await this.read(exchange, maxBytes);
    if (!isUtf8(body)) throw invalidJson('the body is not UTF-8');
    try {
      return JSON.parse(body.toString()) as unknown;
    } catch (cause) {
      throw invalidJson('the body is not JSON', cause);
    }
  }

  private read({ req, res }: Exchange, maxBytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const announced = Number(req.headers['content-length'] ?? -1);
      if (announced > maxBytes) {
        reject(tooLarge(maxBytes));
        return;
      }
      if (req.headers.expect !== undefined) res.writeContinue();
      const chunks: Buffer[] = [];
      let length = 0;
      let counted = 0;
      let settled = false;
      const settle = (error?: Error) => {
        settled = true;
        this.receivingBytes -= counted;
        if (error !== undefined) reject(error);
        else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
      };
      req.on('data', (chunk: Buffer) => {
        if (settled) return;
        length += chunk.length;
        chunks.push(chunk);
        if (length > maxBytes) settle(tooLarge(maxBytes));
        if (length === announced || settled) return;
        counted += chunk.length;
        this.receivingBytes += chunk.length;
        if (this.receivingBytes > this.maxReceivingBytes) settle(overloaded('too many large requests are arriving'));
      });
      req.on('end', () => {
        if (!settled) settle();
      });
      req.on('error', () => {
        if (!settled) settle(new ClientGone());
      });
    });
  }
}

function refuseOtherTypes(headers: IncomingHttpHeaders): void {
  const type = headers['content-type'];
  if (type !== 'application/json' && (type === undefined || !JSON_TYPE.test(type))) {
    throw new ChronosError('unsupported_media_type', 'send the body as application/json, in UTF-8', {
      field: 'content-type',
    });
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ChronosError('unsupported_media_type', 'send the body without a content-encoding', {
      field: 'content-encoding',
    });
  }
}

function tooLarge(maxBytes: number): ChronosError {
  return new ChronosError('request_too_large', `the body has more than ${maxBytes} bytes: send less at once`);
}

function invalidJson(message: string, cause?: unknown): ChronosError {
  return new ChronosError('invalid_json', message, {}, cause);
}
