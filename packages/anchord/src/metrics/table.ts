/** What is counted, and what is read when Prometheus asks. */
export interface MetricDefinition {
  kind: 'counter' | 'gauge' | 'histogram';
  help: string;
  /** Each has few values, none of which a client chooses, and none of which is a secret. */
  labels?: readonly string[];
  /** Upper bounds, of a histogram. */
  buckets?: readonly number[];
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Every metric of anchord's own. docs/operations.md has the same table, which a test holds equal, and deploy/monitoring names no other. Beside
 * them there are those of the process and of Node, `process_…` and `nodejs_…`, as prom-client makes them.
 */
export const METRICS = {
  chronos_build_info: { kind: 'gauge', help: 'Always 1; the version that runs', labels: ['version', 'node'] },

  chronos_anchoring_lag_seconds: {
    kind: 'gauge',
    help: 'From the end of the oldest closed window that is not final until now; 0 when all are final',
  },
  chronos_open_window_digests: { kind: 'gauge', help: 'Digests in the window that is open' },
  chronos_waiting_digests: { kind: 'gauge', help: 'Digests that came and wait for their commit' },
  chronos_digests_total: {
    kind: 'counter',
    help: 'Digests answered, by status: `accepted` (new), `exists` (known)',
    labels: ['status'],
  },
  chronos_commit_duration_seconds: {
    kind: 'histogram',
    help: 'One commit, with the look-ups before it, of all the digests that waited together',
    buckets: SECONDS,
  },
  chronos_commit_digests: {
    kind: 'histogram',
    help: 'Digests answered by one commit',
    buckets: [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000],
  },
  chronos_commit_failures_total: {
    kind: 'counter',
    help: 'Commits that the store did not take; their digests were refused',
  },
  chronos_window_close_duration_seconds: {
    kind: 'histogram',
    help: 'Closing one window: last digest, root, and record in the log',
    buckets: SECONDS,
  },
  chronos_proofs_total: {
    kind: 'counter',
    help: 'Proofs looked up, by status: `unknown`, `collecting`, `anchoring`, `final`',
    labels: ['status'],
  },
  chronos_refused_calls_total: {
    kind: 'counter',
    help: 'Calls answered with an error, by listener (`private`, `admin`) and code, as in docs/api.md',
    labels: ['listener', 'code'],
  },

  chronos_chain_state: {
    kind: 'gauge',
    help: '1 for the state that anchoring on the chain is in, 0 for the others: `ok`, `waiting`, `unreachable`, `stopped`',
    labels: ['chain', 'state'],
  },
  chronos_chain_required: {
    kind: 'gauge',
    help: '1 for a chain that windows wait for, 0 for an optional one',
    labels: ['chain'],
  },
  chronos_chain_paused: {
    kind: 'gauge',
    help: '1 while the operator has paused anchoring on the chain',
    labels: ['chain'],
  },
  chronos_chain_events_total: {
    kind: 'counter',
    help: 'What happened in anchoring, by the events that the log tells of as well',
    labels: ['chain', 'event'],
  },
  chronos_chain_unanchored_windows: {
    kind: 'gauge',
    help: 'Closed windows that the chain does not hold in a final block',
    labels: ['chain'],
  },
  chronos_chain_oldest_unanchored_window_timestamp_seconds: {
    kind: 'gauge',
    help: 'The id of the oldest of them, which is its start in Unix seconds; absent when there is none',
    labels: ['chain'],
  },
  chronos_chain_pending_attempts: {
    kind: 'gauge',
    help: 'Signed transactions that may still come onto the chain',
    labels: ['chain'],
  },
  chronos_chain_balance_zil: { kind: 'gauge', help: 'What the wallet holds, as last asked', labels: ['chain'] },
  chronos_chain_anchor_cost_zil: {
    kind: 'gauge',
    help: 'The most that one anchor costs at the present fee, as last asked',
    labels: ['chain'],
  },
  chronos_chain_anchors_affordable: {
    kind: 'gauge',
    help: 'Transactions that the balance pays for at that fee',
    labels: ['chain'],
  },
  chronos_chain_height: { kind: 'gauge', help: 'Number of the newest block, as last asked', labels: ['chain'] },
  chronos_chain_final_height: {
    kind: 'gauge',
    help: 'Number of the newest final block, as last asked',
    labels: ['chain'],
  },
  chronos_rpc_calls_total: {
    kind: 'counter',
    help:
      'Calls to the nodes, by outcome: `ok`; `error` (the node answered one, a refused anchor for instance); and where there was no answer ' +
      '`no_answer`, `http_error`, `rate_limited`, `malformed` or `node_failed`',
    labels: ['chain', 'endpoint', 'outcome'],
  },
  chronos_rpc_call_duration_seconds: {
    kind: 'histogram',
    help: 'One call to a node, whatever its outcome',
    labels: ['chain', 'endpoint'],
    buckets: SECONDS,
  },

  chronos_store_bytes: {
    kind: 'gauge',
    help: 'Size of the files of the store; `-wal` are the write-ahead logs',
    labels: ['file'],
  },
  chronos_store_ok: {
    kind: 'gauge',
    help: '1 while the store takes digests; 0 while it is `full`, `low`, `read_only`, `busy`, `failing` or `damaged`, as `anchord admin status` says',
  },
  chronos_store_free_bytes: { kind: 'gauge', help: 'What is free on the disk of the store' },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
