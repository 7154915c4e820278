import type { Clock } from '../clock.js';
import type { Coalescer } from '../forward/coalescer.js';
import type { BodyReader } from '../http/body.js';
import type { Exchange } from '../http/exchange.js';
import { refuseQuery } from '../http/query.js';
import { parseSubmission } from './digests.js';
import { ReceiptPrinter, receiptWindowEndMs } from './receipts.js';

/** From a window's end to its anchor's being final, as a rule: what `Retry-After` adds. */
const ANCHORING_SECONDS = 10;
/** Receipts that are written at once: larger strings cost more to copy out (10,000 in 4 ms by 250, in 9 ms all at once). */
const RECEIPTS_PER_SLICE = 250;

export interface SubmitOptions {
  submissions: Coalescer<Buffer>;
  bodies: BodyReader;
  clock: Clock;
  maxBodyBytes: number;
  proofUrlPrefix: string;
}

/** POST /api/v1/timestamps. The busiest path: see `listener` in app.ts. */
export class SubmitHandler {
  private readonly printer: ReceiptPrinter;

  constructor(private readonly options: SubmitOptions) {
    this.printer = new ReceiptPrinter(options.proofUrlPrefix);
  }

  readonly handle = async (exchange: Exchange): Promise<void> => {
    refuseQuery(exchange.req);
    const { bodies, submissions, maxBodyBytes } = this.options;
    const { hex, bytes } = parseSubmission(await bodies.readJson(exchange, maxBodyBytes));
    exchange.spend('digests', hex.length);
    const receipts = await submissions.add(bytes, exchange.requestId);
    const headers = {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'retry-after': this.secondsUntilFinal(receipts, hex.length - 1),
    };
    if (hex.length === 1) exchange.reply(202, headers, `{"items":[${this.printer.print(hex, receipts, 0, 1)}]}`);
    else this.replyBySlices(exchange, headers, hex, receipts);
  };

  private replyBySlices(exchange: Exchange, headers: Record<string, string>, hex: readonly string[], receipts: Buffer) {
    const slices: Buffer[] = [];
    for (let from = 0; from < hex.length; from += RECEIPTS_PER_SLICE) {
      const to = Math.min(from + RECEIPTS_PER_SLICE, hex.length);
      const text = this.printer.print(hex, receipts, from, to);
      slices.push(Buffer.from(`${from === 0 ? '{"items":[' : ','}${text}${to === hex.length ? ']}' : ''}`, 'latin1'));
    }
    exchange.replySlices(202, headers, slices);
  }

  private secondsUntilFinal(receipts: Buffer, index: number): string {
    const leftMs = receiptWindowEndMs(receipts, index) - this.options.clock.nowMs();
    return String(Math.max(1, Math.ceil(leftMs / 1000) + ANCHORING_SECONDS));
  }
}
