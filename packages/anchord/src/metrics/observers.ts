import type { ErrorCode, ProofItem } from '@chronos/shared';
import type { AnchorEventName } from '../anchors/anchor-events.js';
import type { EndedCall } from '../chain/endpoints.js';
import type { Metrics } from './metrics.js';

/** What the services tell of themselves while they work. */
export interface Observers {
  /** One commit has answered digests. */
  onCommitted: (commit: { accepted: number; exists: number; seconds: number }) => void;
  onCommitFailed: () => void;
  onWindowClosed: (seconds: number) => void;
  onCall: (call: EndedCall) => void;
  onAnchorEvent: (chain: string, event: AnchorEventName) => void;
  onRefused: (listener: 'private' | 'admin', code: ErrorCode) => void;
  onProofs: (items: readonly Pick<ProofItem, 'status'>[]) => void;
}

/** Nobody is told. */
export const NO_OBSERVERS: Observers = {
  onCommitted: () => undefined,
  onCommitFailed: () => undefined,
  onWindowClosed: () => undefined,
  onCall: () => undefined,
  onAnchorEvent: () => undefined,
  onRefused: () => undefined,
  onProofs: () => undefined,
};

/** Observers that count. Each does its work once a commit or a call, never once a digest that came with others. */
export function countingObservers(metrics: Metrics): Observers {
  return {
    onCommitted({ accepted, exists, seconds }) {
      metrics.chronos_digests_total.inc({ status: 'accepted' }, accepted);
      metrics.chronos_digests_total.inc({ status: 'exists' }, exists);
      metrics.chronos_commit_duration_seconds.observe(seconds);
      metrics.chronos_commit_digests.observe(accepted + exists);
    },
    onCommitFailed: () => {
      metrics.chronos_commit_failures_total.inc();
    },
    onWindowClosed: (seconds) => {
      metrics.chronos_window_close_duration_seconds.observe(seconds);
    },
    onCall({ chain, endpoint, outcome, seconds }) {
      metrics.chronos_rpc_calls_total.inc({ chain, endpoint, outcome });
      metrics.chronos_rpc_call_duration_seconds.observe({ chain, endpoint }, seconds);
    },
    onAnchorEvent: (chain, event) => {
      metrics.chronos_chain_events_total.inc({ chain, event });
    },
    onRefused: (listener, code) => {
      metrics.chronos_refused_calls_total.inc({ listener, code });
    },
    onProofs(items) {
      const counts = new Map<ProofItem['status'], number>();
      for (const { status } of items) counts.set(status, (counts.get(status) ?? 0) + 1);
      for (const [status, count] of counts) metrics.chronos_proofs_total.inc({ status }, count);
    },
  };
}
