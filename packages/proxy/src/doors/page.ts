import { ChronosError } from '@chronos/shared';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Exchange } from '../http/exchange.js';
import { pageHeaders } from '../http/page-headers.js';
import { digestParam } from '../http/query.js';
import type { Handler, Resource } from '../http/resource.js';
import { etagOf, type PageFile, readPageFiles, type Variant } from './page-files.js';

/** The addresses of the page besides `/d/<digest>`: one file serves them all, and tells them apart in the browser. */
const ADDRESSES = ['/', '/verify', '/status', '/certificate'];

/**
 * No inline code, nothing from elsewhere. The browser verifies by asking the chain itself, at an endpoint that its user may choose: hence
 * `connect-src`. SHA-256 of large files is WebAssembly.
 */
export const PAGE_POLICY =
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; ` +
  `connect-src 'self' https: http://127.0.0.1:* http://localhost:*; worker-src 'self'; form-action 'self'; ` +
  `base-uri 'none'; frame-ancestors 'none'`;

/** The headers of everything that a person looks at. */
export const PAGE_HEADERS = pageHeaders(PAGE_POLICY);

/** Where the built page marks the place of what only a browser without JavaScript reads. */
const NO_SCRIPT_MARK = '<!-- no-script -->';

/** The web page: its files from `folder`, read once. */
export class Page {
  private readonly files: ReadonlyMap<string, PageFile>;
  private readonly index: PageFile;

  constructor(folder: string) {
    this.files = readPageFiles(folder);
    this.index = this.files.get('/index.html')!;
  }

  /** The address of its stylesheet, for pages that are made here. */
  get stylesheet(): string {
    return /href="(\/assets\/[\w.-]+\.css)"/.exec(this.index.plain.bytes.toString())?.[1] ?? '';
  }

  resources(): Resource[] {
    const loose = [...this.files].filter(([path]) => !path.startsWith('/assets/') && path !== '/index.html');
    return [
      ...ADDRESSES.map((path) => ({ path, methods: { GET: this.fileHandler(this.index) } })),
      { path: '/d/:digest', methods: { GET: this.digestPage } },
      { path: '/assets/:name', methods: { GET: this.asset } },
      ...loose.map(([path, file]) => ({ path, methods: { GET: this.fileHandler(file) } })),
    ];
  }

  /** Answers a path that is not there to somebody who wants a page; says whether it did. */
  answeredNotFound(exchange: Exchange): boolean {
    const { method, headers } = exchange.req;
    if ((method !== 'GET' && method !== 'HEAD') || headers.accept?.includes('text/html') !== true) return false;
    exchange.reply(
      404,
      { ...PAGE_HEADERS, 'content-type': this.index.type, 'cache-control': 'no-store' },
      this.index.plain.bytes,
    );
    return true;
  }

  private readonly asset: Handler = (exchange, { name }) => {
    const file = this.files.get(`/assets/${name}`);
    if (file === undefined) throw new ChronosError('not_found', 'there is no such file: load the page anew');
    reply(exchange, file, chosen(exchange, file));
  };

  private fileHandler(file: PageFile): Handler {
    return (exchange) => {
      reply(exchange, file, chosen(exchange, file));
    };
  }

  /** Who has no JavaScript is led on to the page that the proxy makes. */
  private readonly digestPage: Handler = (exchange, params) => {
    if (!/^[0-9a-f]{64}$/.test(params['digest'] ?? '') && this.answeredNotFound(exchange)) return;
    const leadOn = `<noscript><meta http-equiv="refresh" content="0; url=/plain/${digestParam(params)}" /></noscript>`;
    const bytes = Buffer.from(this.index.plain.bytes.toString().replace(NO_SCRIPT_MARK, leadOn));
    reply(exchange, this.index, { variant: { bytes, etag: etagOf(bytes) } });
  };
}

interface Chosen {
  variant: Variant;
  encoding?: string;
}

/** The smallest form that the client takes. */
function chosen({ req }: Exchange, { plain, br, gzip }: PageFile): Chosen {
  const accepted = req.headers['accept-encoding'] ?? '';
  const accepts = (name: string) =>
    accepted
      .split(',')
      .some((part) => new RegExp(`^\\s*${name}\\s*(;\\s*q=(1|0\\.\\d*[1-9])\\S*)?\\s*$`, 'i').test(part));
  if (br !== undefined && accepts('br')) return { variant: br, encoding: 'br' };
  if (gzip !== undefined && accepts('gzip')) return { variant: gzip, encoding: 'gzip' };
  return { variant: plain };
}

function reply(exchange: Exchange, { type, immutable, isToKeep }: PageFile, { variant, encoding }: Chosen): void {
  const headers: OutgoingHttpHeaders = {
    ...PAGE_HEADERS,
    etag: variant.etag,
    vary: 'accept-encoding',
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(isToKeep ? { 'content-disposition': 'attachment' } : {}),
  };
  if (exchange.req.headers['if-none-match']?.includes(variant.etag) === true) {
    exchange.reply(304, headers, '');
    return;
  }
  headers['content-type'] = type;
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  exchange.reply(200, headers, variant.bytes);
}
