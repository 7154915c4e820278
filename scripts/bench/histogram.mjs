// @ts-check
import { createHistogram } from 'node:perf_hooks';

/**
 * What a load generator saw.
 * @typedef {object} Outcome
 * @property {number} seconds that were measured
 * @property {number} requests answered in them
 * @property {number} digests named in those
 * @property {number} failures answers that were not 2xx, warm-up included
 * @property {Record<string, number>} statuses how many answers had them, warm-up included
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} maxMs
 * @property {number} startedAtMs Unix ms
 * @property {number[]} slowestPerSecond the slowest answer, in ms, of each second that was measured
 * @property {number[]} perSecond digests answered in each second that was measured
 * @property {number} next the number of the first digest that was not sent
 */

/** Counts answers and their latencies, from `start` on. */
export class Tally {
  latencies = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 }); // microseconds
  requests = 0;
  digests = 0;
  slowestMs = 0;
  /** @type {Record<string, number>} */
  statuses = {};
  /** @type {number[]} */
  perSecond = [];
  /** @type {number[]} */
  slowestPerSecond = [];
  startMs = performance.now();
  lastMs = performance.now();

  start() {
    this.latencies.reset();
    this.requests = this.digests = this.slowestMs = 0;
    this.perSecond = [];
    this.slowestPerSecond = [];
    this.startMs = this.lastMs = performance.now();
  }

  /**
   * @param {number} status
   * @param {number} sentMs
   * @param {number} digests
   */
  add(status, sentMs, digests) {
    const nowMs = performance.now();
    const ms = nowMs - sentMs;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.latencies.record(Math.max(1, Math.round(ms * 1000)));
    this.slowestMs = Math.max(this.slowestMs, ms);
    this.requests++;
    this.digests += digests;
    const second = Math.max(0, Math.floor((nowMs - this.startMs) / 1000));
    this.perSecond[second] = (this.perSecond[second] ?? 0) + digests;
    this.slowestPerSecond[second] = Math.max(this.slowestPerSecond[second] ?? 0, ms);
    this.lastMs = nowMs;
  }

  /** @returns {Outcome} */
  outcome() {
    const { latencies, statuses } = this;
    return {
      seconds: (this.lastMs - this.startMs) / 1000,
      requests: this.requests,
      digests: this.digests,
      failures: Object.entries(statuses).reduce((sum, [status, n]) => sum + (/^2/.test(status) ? 0 : n), 0),
      statuses,
      p50Ms: latencies.percentile(50) / 1000,
      p99Ms: latencies.percentile(99) / 1000,
      maxMs: this.slowestMs,
      startedAtMs: performance.timeOrigin + this.startMs,
      slowestPerSecond: Array.from(this.slowestPerSecond, (ms) => ms ?? 0),
      perSecond: Array.from(this.perSecond, (count) => count ?? 0),
      next: 0,
    };
  }
}
