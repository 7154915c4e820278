import { HASH_BYTES } from '@chronos/shared';
import type { Clock } from '../clock.js';
import { overloaded } from '../http/problem.js';

/** A caller's share of a reply: what belongs to `count` digests from place `from` of the call. */
export type ShareOf<Share> = (from: number, count: number) => Share;

export interface CoalescerOptions<Share> {
  /**
   * Makes one call for digests that stand one after the other, 32 bytes each, of these requests. A call that fails fails for all that
   * travelled in it.
   */
  call(digests: Buffer, requestIds: readonly string[]): Promise<ShareOf<Share>>;
  maxPerCall: number;
  /** The most digests that may wait; beyond it callers are refused. */
  maxWaiting: number;
  /** Who has waited this long for a call to go out is refused: anchord hangs, or is too slow for what comes. */
  maxWaitMs: number;
  clock: Pick<Clock, 'monotonicMs'>;
}

interface Caller<Share> {
  digests: Buffer;
  count: number;
  requestId: string;
  untilMs: number;
  resolve: (share: Share) => void;
  reject: (error: unknown) => void;
}

/** While one call waits for anchord's commit, the next is on its way. More would only make the calls smaller. */
const MAX_CALLS_IN_FLIGHT = 2;

/**
 * Callers that wait at the same moment travel as one call: so one commit in anchord serves many of them, and the more there are the
 * cheaper each becomes. A caller's digests are never spread over two calls, and no call is made twice.
 */
export class Coalescer<Share> {
  private waiting: Caller<Share>[] = [];
  private waitingDigests = 0;
  private callsInFlight = 0;
  private turnEnds = false;
  private patience: NodeJS.Timeout | undefined;

  constructor(private readonly options: CoalescerOptions<Share>) {}

  /** Resolves to the share of these digests, of which there are at most `maxPerCall`. Rejects with the call's error, or `overloaded`. */
  add(digests: Buffer, requestId: string): Promise<Share> {
    const count = digests.length / HASH_BYTES;
    if (this.waitingDigests + count > this.options.maxWaiting) {
      return Promise.reject(overloaded('too many requests are waiting: come again in a moment'));
    }
    return new Promise((resolve, reject) => {
      const untilMs = this.options.clock.monotonicMs() + this.options.maxWaitMs;
      this.waiting.push({ digests, count, requestId, untilMs, resolve, reject });
      this.waitingDigests += count;
      this.sendAtEndOfTurn();
      this.refuseInTime();
    });
  }

  /** One timer at a time, for whoever waits longest. */
  private refuseInTime(): void {
    const [oldest] = this.waiting;
    if (oldest === undefined || this.patience !== undefined) return;
    const { clock } = this.options;
    this.patience = setTimeout(
      () => {
        this.patience = undefined;
        const nowMs = clock.monotonicMs();
        const inTime = this.waiting.findIndex(({ untilMs }) => untilMs > nowMs);
        const late = this.waiting.splice(0, inTime < 0 ? this.waiting.length : inTime);
        for (const { count, reject } of late) {
          this.waitingDigests -= count;
          reject(overloaded('the collecting service is too slow at the moment: come again in a moment'));
        }
        this.refuseInTime();
      },
      Math.max(0, oldest.untilMs - clock.monotonicMs()),
    );
    this.patience.unref();
  }

  /** All requests that this turn of the event loop still reads from their sockets shall travel along. */
  private sendAtEndOfTurn(): void {
    if (this.turnEnds || this.callsInFlight >= MAX_CALLS_IN_FLIGHT) return;
    this.turnEnds = true;
    setImmediate(() => {
      this.turnEnds = false;
      while (this.waiting.length > 0 && this.callsInFlight < MAX_CALLS_IN_FLIGHT) void this.send(this.take());
    });
  }

  private take(): Caller<Share>[] {
    let taken = 0;
    let digests = 0;
    for (const { count } of this.waiting) {
      if (digests + count > this.options.maxPerCall) break;
      digests += count;
      taken++;
    }
    this.waitingDigests -= digests;
    if (taken < this.waiting.length) return this.waiting.splice(0, taken);
    const all = this.waiting;
    this.waiting = [];
    return all;
  }

  private async send(callers: Caller<Share>[]): Promise<void> {
    this.callsInFlight++;
    try {
      const shareOf = await this.options.call(
        callers.length === 1 ? callers[0]!.digests : Buffer.concat(callers.map(({ digests }) => digests)),
        callers.map(({ requestId }) => requestId),
      );
      let from = 0;
      for (const { count, resolve } of callers) {
        resolve(shareOf(from, count));
        from += count;
      }
    } catch (error) {
      for (const { reject } of callers) reject(error);
    } finally {
      this.callsInFlight--;
      if (this.waiting.length > 0) this.sendAtEndOfTurn();
    }
  }
}
