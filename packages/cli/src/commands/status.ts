import { earliestOf, type StatusReply } from '@chronos/shared';
import { shownUrl } from '../config.js';
import type { Context, Outcome } from '../context.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';
import { openService, withRetries } from '../service.js';
import { describeChain, minutes, plural, printable, utc } from '../words.js';

/** How the service is. */
export async function status({ server, output, signal }: Context): Promise<Outcome> {
  const service = openService(server, signal);
  const reply = await withRetries(() => service.status(), signal);
  show(reply, shownUrl(server), output);
  return { exitCode: EXIT.done, document: { server: shownUrl(server), ...reply } };
}

function show(reply: StatusReply, server: string, output: Output): void {
  const { window, lastFinal, totals, anchoringLagSeconds: lag } = reply;
  const row = (label: string, text: string) => output.line(`${label.padEnd(13)}${text}`);
  output.line(`${output.paint.bold(server)}, version ${printable(reply.version)}`);
  row(
    'Open window',
    `closes in ${minutes(window.secondsLeft)}, ${plural(window.digests, 'digest')} so far; windows of ${window.seconds} s`,
  );
  row('Anchoring', lag === 0 ? 'nothing waits' : `the oldest closed window has waited ${minutes(lag)}`);
  if (lastFinal === null) row('Last final', 'none yet');
  else {
    const block = earliestOf(lastFinal.anchors)?.block.number;
    const where = block === undefined ? '' : `, block ${block}`;
    row('Last final', `window ${lastFinal.window}, final at ${utc(lastFinal.finalAt)}${where}`);
  }
  row('Totals', `${plural(totals.digests, 'digest')} in ${plural(totals.windows, 'window')}`);
  for (const { type, chain, contract, state, detail } of reply.chains) {
    const word = state === 'ok' ? output.paint.green(state) : output.paint.yellow(state);
    const why = detail === undefined ? '' : `: ${printable(detail)}`;
    row('Chain', `${describeChain(printable(chain)).title}, ${type}, contract ${printable(contract)}: ${word}${why}`);
  }
}
