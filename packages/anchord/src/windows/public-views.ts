import {
  ChronosError,
  type ConsistencyReply,
  isoTime,
  type LatestAnchorReply,
  type StatusReply,
  toHex,
  windowEndMs,
  type WindowReply,
  type WindowsReply,
} from '@chronos/shared';
import type { Anchorer } from '../anchors/anchorer.js';
import type { Chain } from '../chain/chain.js';
import type { Clock } from '../clock.js';
import type { Admissions } from '../store/admissions.js';
import type { AnchorStore } from '../store/anchors.js';
import type { WindowLog } from '../store/window-log.js';
import type { WindowRow, Windows } from '../store/windows.js';
import type { Collector } from './collector.js';

export interface PublicViewsOptions {
  version: string;
  windowSeconds: number;
  windows: Windows;
  admissions: Admissions;
  log: WindowLog;
  anchors: AnchorStore;
  collector: Collector;
  chains: readonly { chain: Chain; anchorer: Anchorer }[];
  clock: Clock;
}

/** The replies of the public API that tell of windows, anchors and the service: DESIGN section 7. */
export class PublicViews {
  constructor(private readonly options: PublicViewsOptions) {}

  windows({ limit, before }: { limit: number; before?: number | undefined }): WindowsReply {
    const rows = this.options.windows.list(before ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const items = rows.slice(0, limit).map((row) => this.view(row));
    return { items, next: rows.length > limit ? items.at(-1)!.id : null };
  }

  window(id: number): WindowReply {
    const row = this.options.windows.find(id);
    if (row === undefined)
      throw new ChronosError('unknown_window', `there is no window ${id}: no digest came in it, or it has not begun`);
    const view = this.view(row);
    return view.status === 'closed' ? { ...view, sent: this.sentFor(id) } : view;
  }

  latestAnchor(): LatestAnchorReply {
    const row = this.options.windows.findLastFinal();
    if (row === undefined) throw new ChronosError('no_anchor', 'no window has been anchored in a final block yet');
    return { window: this.view(row) };
  }

  consistency({ from, to }: { from: number; to: number }): ConsistencyReply {
    const { windows, log } = this.options;
    const size = windows.logSize();
    if (from > to)
      throw new ChronosError('unavailable_range', `from (${from}) is larger than to (${to})`, { field: 'from' });
    if (to > size)
      throw new ChronosError('unavailable_range', `the log has ${size} windows, not ${to}`, { field: 'to' });
    const logAt = (at: number) => ({ size: at, root: toHex(windows.findLogRoot(at)!) });
    return { from: logAt(from), to: logAt(to), path: log.consistency(from, to).map(toHex) };
  }

  /** Since the end of the oldest closed window that is not final; 0 where all are. */
  anchoringLagSeconds(): number {
    const { windows, clock } = this.options;
    const oldest = windows.findOldestUnfinished();
    return oldest === undefined ? 0 : Math.max(0, (clock.nowMs() - windowEndMs(oldest.id, oldest.seconds)) / 1000);
  }

  status(): StatusReply {
    const { version, windowSeconds, windows, admissions, anchors, collector, chains, clock } = this.options;
    const nowMs = clock.nowMs();
    const open = collector.openWindow;
    const id = collector.currentWindowId;
    const closesAtMs = windowEndMs(id, open?.seconds ?? windowSeconds);
    // A window whose end lies far ahead, because the clock was set back, ends earlier.
    const leftMs = Math.min(closesAtMs - nowMs, (open?.endsAtMonotonicMs ?? Infinity) - clock.monotonicMs());
    const lastFinal = windows.findLastFinal();
    return {
      version,
      now: isoTime(nowMs),
      window: {
        id,
        seconds: open?.seconds ?? windowSeconds,
        closesAt: isoTime(closesAtMs),
        secondsLeft: Math.max(0, leftMs / 1000),
        digests: open?.table.size ?? 0,
      },
      anchoringLagSeconds: this.anchoringLagSeconds(),
      totals: { digests: admissions.end(), windows: windows.count() },
      lastFinal:
        lastFinal?.finalAtMs === undefined
          ? null
          : {
              window: lastFinal.id,
              finalAt: isoTime(lastFinal.finalAtMs),
              anchors: anchors.findAnchors(lastFinal.id),
            },
      chains: chains.map(({ chain, anchorer }) => {
        const { state, detail } = anchorer.state();
        return {
          type: chain.type,
          chain: chain.chain,
          contract: chain.contract,
          state,
          ...(detail === undefined ? {} : { detail }),
        };
      }),
    };
  }

  /** The transactions under way that carry a window. */
  private sentFor(window: number): NonNullable<WindowReply['sent']> {
    const { chains, anchors } = this.options;
    return chains
      .flatMap(({ chain }) => anchors.findUnfinishedAttempts(chain.chain))
      .flatMap(({ chain, transactionId, state, windows }) =>
        windows.includes(window) && (state === 'broadcast' || state === 'included')
          ? [{ chain, transaction: transactionId, state }]
          : [],
      );
  }

  private view(row: WindowRow): WindowReply {
    const { id, seconds, firstPlace, closed, finalAtMs } = row;
    const { windows, admissions, anchors } = this.options;
    return {
      id,
      seconds,
      status: finalAtMs !== undefined ? 'final' : closed !== undefined ? 'closed' : 'open',
      opensAt: isoTime(id * 1000),
      closesAt: isoTime(windowEndMs(id, seconds)),
      treeSize: closed?.treeSize ?? admissions.end(windows.findNext(id)?.firstPlace) - firstPlace,
      ...(closed === undefined
        ? {}
        : {
            root: toHex(closed.root),
            logIndex: closed.logIndex,
            logRoot: toHex(closed.logRoot),
            closedAt: isoTime(closed.atMs),
          }),
      ...(row.dcrtimeRoot === undefined ? {} : { dcrtimeRoot: toHex(row.dcrtimeRoot) }),
      ...(finalAtMs === undefined ? {} : { finalAt: isoTime(finalAtMs) }),
      anchors: finalAtMs === undefined ? [] : anchors.findAnchors(id),
    };
  }
}
