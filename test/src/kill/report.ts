import type { KillRun } from './run.js';

/** What a run came to, for people: a line a figure. */
export function killReport({ kills, ledger, ...run }: KillRun): string {
  const times = (of: ReadonlyMap<string, number>) => [...of].map(([what, count]) => `${count} ${what}`).join(', ');
  const sorted = [...kills.restartsMs].sort((a, b) => a - b);
  const ms = (share: number) => `${Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? NaN)} ms`;
  const rows: [string, string | number][] = [
    ['anchord killed', kills.anchord],
    ['proxy killed', kills.proxy],
    ['kills', times(kills.moments)],
    ['anchord up again after', `${ms(0.5)} (half of the times), ${ms(0.95)} (19 of 20), ${ms(1)} (longest)`],
    ['requests', ledger.requests],
    ['connections cut', ledger.cutConnections],
    ['refused', times(ledger.refusals) || 'none'],
    ['digests acknowledged', run.acknowledged],
    ['outcome unknown', `${run.unknownWhole} in a final proof, ${run.unknownAbsent} not taken`],
    ['complete proofs compared', ledger.proofs.size],
    ['windows', run.windows],
    ['anchors', `${run.anchors} in ${run.transactions} transactions`],
    ['digests lost', run.lost],
    ['anchored twice', run.anchoredTwice],
    ['faults', run.faults.length],
  ];
  return rows.map(([name, value]) => `${name.padEnd(26)}${value}`).join('\n');
}
