// @ts-check
import { closedLoop } from './closed-loop.mjs';
import { probe } from './probe.mjs';
import { privateCalls, proofRequests, submissions } from './requests.mjs';

// The load generator, a process of its own: takes one job from its parent, says when its measuring starts, and answers with what it saw.

/**
 * @typedef {object} Job
 * @property {'submit' | 'anchord' | 'proofs' | 'probe'} kind `anchord`: submissions as proxies make them
 * @property {number} port
 * @property {readonly string[]} [hosts] 127.0.0.1 when not given
 * @property {string} key of the run's digests
 * @property {number} connections
 * @property {number} seconds
 * @property {number} warmUpSeconds answers of the first seconds are not counted
 * @property {number} from the first digest's number
 * @property {number} end the last one's number + 1
 * @property {string} [path] of submissions
 * @property {string} [token] for anchord
 * @property {number} [size] digests of a submission
 * @property {number} [distinct] proofs asked for before they repeat
 * @property {number} [times] how often each is asked for
 * @property {number} [everyMs] of a probe
 */

/**
 * @typedef {{ event: 'measuring' } | { event: 'done', outcome: import('./histogram.mjs').Outcome } | { event: 'failed', why: string }} Report
 */

const tell = (/** @type {Report} */ report) => void process.send?.(report);

process.once('disconnect', () => process.exit(1)); // the bench is gone
process.once('message', (/** @type {Job} */ job) => {
  const { port, key, from, end } = job;
  const measuring = () => tell({ event: 'measuring' });
  const numbers = { next: from, end };
  const work = async () => {
    switch (job.kind) {
      case 'proofs':
        return closedLoop(
          job,
          proofRequests({ key, port, from, end, distinct: job.distinct ?? 1, times: job.times ?? 1 }),
          measuring,
        );
      case 'submit': {
        const path = job.path ?? '/';
        const sources = submissions({ key, size: job.size ?? 1, port, path, numbers });
        return { ...(await closedLoop(job, sources, measuring)), next: numbers.next };
      }
      case 'anchord': {
        const sources = privateCalls({ key, size: job.size ?? 1, port, token: job.token ?? '', numbers });
        return { ...(await closedLoop(job, sources, measuring)), next: numbers.next };
      }
      case 'probe': {
        const source = submissions({ key, size: 1, port, path: job.path ?? '/', numbers })();
        return { ...(await probe(job, source, measuring)), next: numbers.next };
      }
    }
  };
  work().then(
    (outcome) => tell({ event: 'done', outcome }),
    (error) => tell({ event: 'failed', why: String(error?.message ?? error) }),
  );
});
