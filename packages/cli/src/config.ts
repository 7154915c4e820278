import { CliError } from './cli-error.js';

export interface Config {
  /** Where the service answers when --server does not say. */
  server: string;
  /** Where `server` comes from, for messages. */
  serverSource: string;
  colors: boolean;
}

/** The settings that come from the environment. An empty variable counts as none, as https://no-color.org asks. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const url = env['CHRONOS_URL'] ?? '';
  return {
    server: url === '' ? 'http://127.0.0.1:7400' : url,
    serverSource: url === '' ? 'the default server' : 'CHRONOS_URL',
    colors: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  };
}

/** An http or https address without parts that would be dropped or leak; `source` says where it was given. */
export function parseHttpUrl(text: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CliError('usage', `${source} is no address: it starts with http:// or https://`);
  }
  return url;
}

/** The service's address. A query would swallow the paths that follow. */
export function parseServerUrl(text: string, source: string): string {
  const url = parseHttpUrl(text, source);
  if (url.search !== '' || url.hash !== '') {
    throw new CliError('usage', `${source} may not hold a query: give the plain address`);
  }
  return url.href.replace(/\/+$/, '');
}

/** An address as it may be shown: without a password. */
export function shownUrl(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/+$/, '');
}
