// @ts-check
import { arch, cpus, totalmem } from 'node:os';

/** What the run was made on, in words that name no machine. */
export function machine() {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${cpus()[0]?.model.trim() || 'of unknown make'}), ${gigabytes} GB, ${process.platform} ${arch()}, Node ${process.version}`;
}

const whole = (/** @type {number} */ n) => (Number.isFinite(n) ? Math.round(n).toLocaleString('en') : '?');
const milliseconds = (/** @type {number} */ n) => n.toFixed(n < 10 ? 2 : 1);
const share = (/** @type {number} */ n) => n.toFixed(2);

/**
 * Rows of cells as lines, the first column to the left and all others to the right.
 * @param {string[][]} rows
 */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
    .join('\n');
}

/**
 * The results as text for people.
 * @param {import('./phases.mjs').Results} results
 */
export function report({ appends, bulkEchoes, empty, fill, full, proofs, verified, closings, peakMemory }) {
  const submissions = [...empty, fill, ...full];
  const { store, cache } = proofs;
  const rateCells = (/** @type {import('./rates.mjs').Rate} */ row) => [
    row.what,
    whole(row.requestsPerSecond),
    whole(row.digestsPerSecond),
    ...[row.p50Ms, row.p99Ms, row.maxMs].map(milliseconds),
  ];
  const echoes = [
    ...[...empty, ...full].flatMap((row) =>
      'echo' in row ? /** @type {import('./rates.mjs').Rate[]} */ (row.echo) : [],
    ),
    ...bulkEchoes,
  ];
  const againstEmpty = full.map(
    (row, i) =>
      `${share(row.digestsPerSecond / (empty[i]?.digestsPerSecond ?? NaN))} (${row.what.replace(/,[^,]* store of.*/, '')})`,
  );
  return `${machine()}

${table([
  ['submitting', 'requests/s', 'digests/s', 'p50 ms', 'p99 ms', 'max ms', 'worst 10 s', 'of echo', 'final after s'],
  ...submissions.map((row) => [
    ...rateCells(row),
    whole(row.slowestTenSeconds),
    'ofEcho' in row ? share(Number(row.ofEcho)) : '',
    row.settleSeconds.toFixed(1),
  ]),
  ...echoes.map((row) => [...rateCells(row), '', '', '']),
])}

large store against the empty one: ${againstEmpty.join('; ')}
bare append, digests/s: ${whole(appends.oneACommit)} one a commit, ${whole(appends.thousandACommit)} as rows, 1,000 a commit, ${whole(appends.tenThousandInRuns)} in runs of 250, 10,000 a commit
peak memory, MB: anchord ${whole(peakMemory['anchord'] ?? NaN)}, proxy ${whole(peakMemory['proxy'] ?? NaN)}

${table([
  ['cores kept busy', 'generator', 'proxy', 'anchord, answering', 'anchord, its other threads', 'chain', 'all others'],
  ...[...submissions, store, cache].map(({ what, cores }) => [
    what,
    ...[cores['generator'], cores['proxy'], cores['anchord main thread']].map((n) => share(n ?? NaN)),
    share((cores['anchord'] ?? NaN) - (cores['anchord main thread'] ?? NaN)),
    ...[cores['chain'], cores['all others']].map((n) => share(n ?? NaN)),
  ]),
])}

${table([
  [
    'closing, and the longest wait of a digest',
    'digests',
    'closed s',
    'quiet ms',
    'closing ms',
    'after ms',
    'p99 ms',
    'up in s',
  ],
  ...closings.map((row) => [
    row.what,
    whole(row.digests),
    row.closedSeconds.toFixed(2),
    ...[row.quietProbe.maxMs, row.longestWhileClosingMs, row.longestAfterwardsMs, row.probe.p99Ms].map(milliseconds),
    row.startSeconds.toFixed(1),
  ]),
])}

${table([
  ['proofs', 'a second', 'p50 ms', 'p99 ms'],
  ...[store, cache].map((row) => [
    row.what,
    whole(row.requestsPerSecond),
    milliseconds(row.p50Ms),
    milliseconds(row.p99Ms),
  ]),
  [`verified (${whole(verified.proofBytes)} bytes), SHA-256 of Node`, whole(verified.native), '', ''],
  ['verified, the portable SHA-256', whole(verified.portable), '', ''],
])}`;
}
