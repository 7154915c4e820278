import {
  ChronosError,
  earliestAnchor,
  explorerLink,
  findNetwork,
  parseDigest,
  type Proof,
  windowEndMs,
} from '@chronos/shared';
import type { Coalescer } from '../forward/coalescer.js';
import type { FoundProof } from '../forward/proof-source.js';
import type { BodyReader } from '../http/body.js';
import type { Exchange } from '../http/exchange.js';
import { publicError } from '../http/problem.js';
import type { Handler, Resource } from '../http/resource.js';
import { PAGE_HEADERS } from './page.js';

/** A form with one digest, in percent-encoding at worst. */
const MAX_FORM_BYTES = 1_024;

export interface PlainOptions {
  submissions: Pick<Coalescer<Buffer>, 'add'>;
  proofs: { find: (digest: string, requestId: string) => Promise<FoundProof> };
  bodies: BodyReader;
  /** The address of the page's stylesheet. */
  stylesheet: string;
}

/** For browsers without JavaScript: a form takes a digest, and a page made here tells of it. The words are English. */
export function plainResources({ submissions, proofs, bodies, stylesheet }: PlainOptions): Resource[] {
  const send = (exchange: Exchange, status: number, title: string, content: string, refresh = false) => {
    const html = pageOf(stylesheet, title, content, refresh);
    const headers = { ...PAGE_HEADERS, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
    exchange.reply(status, headers, Buffer.from(html));
  };
  /** A fault is told as a page, too. */
  const asPage =
    (handler: (exchange: Exchange, params: Readonly<Record<string, string>>) => Promise<void>): Handler =>
    (exchange, params) =>
      handler(exchange, params).catch((cause: unknown) => {
        const error = publicError(cause);
        if (error.code === 'internal_error' || error.code === 'rate_limited') throw cause;
        const title = error.code === 'unknown_digest' ? 'This digest was never stamped here' : 'That did not work';
        send(exchange, error.status, title, `<p>${escaped(error.message)}</p>`);
      });
  const leadTo = (exchange: Exchange, digest: string) => {
    exchange.reply(303, { ...PAGE_HEADERS, location: `/plain/${digest}`, 'cache-control': 'no-store' }, '');
  };

  return [
    {
      path: '/plain',
      methods: {
        GET: asPage(async (exchange) => {
          leadTo(exchange, digestIn(exchange.req.url?.split('?')[1] ?? ''));
        }),
        POST: asPage(async (exchange) => {
          const digest = digestIn(await bodies.readForm(exchange, MAX_FORM_BYTES));
          exchange.spend('digests', 1);
          await submissions.add(Buffer.from(digest, 'hex'), exchange.requestId);
          leadTo(exchange, digest);
        }),
      },
    },
    {
      path: '/plain/:digest',
      methods: {
        GET: asPage(async (exchange, { digest = '' }) => {
          parseDigest(digest);
          const found = await proofs.find(digest, exchange.requestId);
          if (found.status === 'unknown') {
            throw new ChronosError('unknown_digest', `The service does not know ${digest}.`, { field: 'digest' });
          }
          const proof = JSON.parse(Buffer.from(found.text, 'latin1').toString()) as Proof;
          send(exchange, 200, titles[found.status], factsOf(digest, proof), found.status !== 'final');
        }),
      },
    },
  ];
}

const titles = { collecting: 'Received', anchoring: 'Being anchored', final: 'The proof is complete' } as const;

/** The one field of the form. Spaces around it and upper case are forgiven: people paste. */
function digestIn(form: string): string {
  const fields = [...new URLSearchParams(form)];
  const [name, value = ''] = fields[0] ?? [];
  if (fields.length !== 1 || name !== 'digest') {
    throw new ChronosError('invalid_request', 'Send one field, digest, with 64 hex digits.', { field: 'digest' });
  }
  const digest = value.trim().toLowerCase();
  parseDigest(digest);
  return digest;
}

function factsOf(digest: string, proof: Proof): string {
  const anchor = earliestAnchor(proof);
  const closes = new Date(windowEndMs(proof.window.id, proof.window.seconds)).toISOString();
  const facts: [string, string][] = [
    ['SHA-256', `<code>${digest}</code>`],
    ['Received', escaped(proof.receivedAt)],
    ['Window closes', escaped(closes)],
  ];
  let sentence = '<p>It is on its way: in about a minute the proof is complete. This page looks again by itself.</p>';
  if (anchor !== undefined) {
    const { block, chain, transaction } = anchor;
    const network = findNetwork(chain);
    const link = explorerLink(anchor);
    const id = `<code>${escaped(transaction)}</code>`;
    sentence = `<p><strong>Existed no later than ${escaped(block.time)} (UTC).</strong></p>`;
    if (network?.name === 'local') {
      sentence += '<p>A local test chain proves nothing to anybody else: this is a trial.</p>';
    }
    if (network?.name === 'testnet') sentence += '<p>A testnet may be wiped: this is a trial.</p>';
    facts.push(
      ['Chain', `${escaped(network?.title ?? chain)} (${escaped(chain)}), block ${block.number}`],
      ['Transaction', link === undefined ? id : `<a href="${escaped(link)}">${id}</a>`],
    );
  }
  const list = facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('');
  const kind = anchor === undefined ? 'incomplete proof' : 'proof';
  return `${sentence}<dl>${list}</dl>
<p><a href="/api/v1/proofs/${digest}" download="${digest}.chronos.json">Download the ${kind}</a></p>
<p>Whoever has the file, or its digest, can see here that it was stamped, and when.</p>`;
}

function pageOf(stylesheet: string, title: string, content: string, refresh: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refresh ? '<meta http-equiv="refresh" content="10">\n' : ''}<title>${escaped(title)} · Chronos</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${escaped(stylesheet)}">
</head>
<body><main class="plain">
<p class="plain-brand"><a href="/">Chronos</a></p>
<h1>${escaped(title)}</h1>
${content}
</main></body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
