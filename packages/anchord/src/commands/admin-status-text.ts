import { isoTime } from '@chronos/shared';
import type { AdminStatus } from '../http/admin-status.js';

type Anchoring = AdminStatus['anchoring'][number];

/** The status for people. */
export function statusText(status: AdminStatus): string {
  const { version, now, window, waitingDigests, anchoringLagSeconds, totals, lastFinal, tokensAccepted } = status;
  const changing = Object.entries(tokensAccepted).flatMap(([name, accepted]) => (accepted > 1 ? [name] : []));
  const overview = table([
    ['anchord', `${version}, ${now}`],
    ['window', `${window.id}: ${count(window.digests, 'digest')}, closes in ${Math.ceil(window.secondsLeft)} s`],
    ['waiting', `${count(waitingDigests, 'digest')} for the next commit`],
    ['lag', duration(anchoringLagSeconds)],
    ['last final', lastFinal === null ? 'none yet' : `window ${lastFinal.window} at ${lastFinal.finalAt}`],
    ['totals', `${count(totals.digests, 'digest')} in ${count(totals.windows, 'window')}`],
    ...(status.store.state === 'ok' ? [] : [['store', `! ${status.store.state}: ${status.store.detail}`]]),
    ...(changing.length === 0 ? [] : [['tokens', `${changing.join(' and ')}: the one before is accepted still`]]),
  ]);
  return [overview, ...status.anchoring.map(chainText)].join('\n\n');
}

function chainText(chain: Anchoring): string {
  const { lastHealth: health, healthAgeMs, attempts, endpoints } = chain;
  const state = `${chain.state}${chain.paused ? ', paused' : ''}${chain.required ? '' : ', optional'}`;
  const rows = [
    ['contract', chain.contract],
    ['account', chain.account],
    ...(health === undefined
      ? [['balance', 'not known yet']]
      : [
          ['balance', `${shortened(health.balanceZil)} ZIL, pays for ${count(health.anchorsAffordable, 'anchor')}`],
          ['height', `${health.height}, final ${health.finalHeight}, ${duration((healthAgeMs ?? 0) / 1000)} ago`],
        ]),
    ['unanchored', count(chain.unanchored, 'window')],
    ['pending', attempts.length === 0 ? 'nothing' : count(attempts.length, 'transaction')],
  ];
  const parts = [`${chain.chain}: ${state}`, indent(table(rows))];
  if (attempts.length > 0) {
    const head = ['transaction', 'nonce', 'state', 'at most', 'windows', 'signed'];
    const lines = attempts.map(({ transaction, nonce, state: at, costZil, windows, signedAtMs }) => [
      ...[transaction, nonce, at, `${shortened(costZil)} ZIL`, String(windows.length)],
      isoTime(signedAtMs),
    ]);
    parts.push(indent(table([head, ...lines])));
  }
  const faulty = endpoints.filter((endpoint) => endpoint.state !== 'ok');
  if (faulty.length > 0) {
    parts.push(indent(table(faulty.map(({ endpoint, state: at, detail = '' }) => [endpoint, at, detail]))));
  }
  if (chain.detail !== undefined) parts.push(indent(`! ${chain.detail}`));
  return parts.join('\n');
}

/** Columns as wide as what is in them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** Cut off, not rounded up: the whole of it is in --json. */
const shortened = (zil: string): string => zil.replace(/(\.\d{6})\d+$/, '$1');
