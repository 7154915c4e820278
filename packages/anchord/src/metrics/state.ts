import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Anchorer } from '../anchors/anchorer.js';
import type { Chain } from '../chain/chain.js';
import type { AnchorStore } from '../store/anchors.js';
import type { StoreWatch } from '../store/store-watch.js';
import type { Collector } from '../windows/collector.js';
import type { PublicViews } from '../windows/public-views.js';
import type { Metrics } from './metrics.js';

export interface StateSources {
  dataDir: string;
  views: PublicViews;
  collector: Collector;
  anchors: AnchorStore;
  storeWatch: Pick<StoreWatch, 'fault'>;
  chains: readonly { chain: Chain; anchorer: Anchorer; required: boolean }[];
}

const STATES = ['ok', 'waiting', 'unreachable', 'stopped'] as const;
const FILES = ['chronos.db', 'chronos.db-wal', 'index.db', 'index.db-wal'];

/** Sets the gauges to what is so now: called when Prometheus asks, so that nothing is spent between. */
export function readState(
  metrics: Metrics,
  { dataDir, views, collector, anchors, storeWatch, chains }: StateSources,
): void {
  metrics.chronos_anchoring_lag_seconds.set(views.anchoringLagSeconds());
  metrics.chronos_open_window_digests.set(collector.openWindow?.table.size ?? 0);
  metrics.chronos_waiting_digests.set(collector.backlog);
  for (const { chain, anchorer, required } of chains) readChain(metrics, anchors, chain, anchorer, required);
  for (const file of FILES) {
    metrics.chronos_store_bytes.set({ file }, statSync(join(dataDir, file), { throwIfNoEntry: false })?.size ?? 0);
  }
  metrics.chronos_store_ok.set(storeWatch.fault === undefined ? 1 : 0);
  const { bavail, bsize } = statfsSync(dataDir);
  metrics.chronos_store_free_bytes.set(bavail * bsize);
}

function readChain(metrics: Metrics, anchors: AnchorStore, port: Chain, anchorer: Anchorer, required: boolean): void {
  const { chain, decimals } = port;
  const { state, paused, unanchored, pendingAttempts, lastHealth } = anchorer.state();
  for (const name of STATES) metrics.chronos_chain_state.set({ chain, state: name }, name === state ? 1 : 0);
  metrics.chronos_chain_required.set({ chain }, required ? 1 : 0);
  metrics.chronos_chain_paused.set({ chain }, paused ? 1 : 0);
  metrics.chronos_chain_unanchored_windows.set({ chain }, unanchored);
  metrics.chronos_chain_pending_attempts.set({ chain }, pendingAttempts);
  const oldest = metrics.chronos_chain_oldest_unanchored_window_timestamp_seconds;
  const [window] = anchors.findUnanchored(chain, 1);
  if (window === undefined) oldest.remove({ chain });
  else oldest.set({ chain }, window.id);
  if (lastHealth === undefined) return;
  metrics.chronos_chain_balance_zil.set({ chain }, inZil(lastHealth.balance, decimals));
  metrics.chronos_chain_anchor_cost_zil.set({ chain }, inZil(lastHealth.anchorCost, decimals));
  metrics.chronos_chain_anchors_affordable.set({ chain }, lastHealth.anchorsAffordable);
  metrics.chronos_chain_height.set({ chain }, lastHealth.height);
  metrics.chronos_chain_final_height.set({ chain }, lastHealth.finalHeight);
}

/** To the precision of a double, which is what metrics have. */
function inZil(amount: bigint, decimals: number): number {
  return Number(amount) / 10 ** decimals;
}
