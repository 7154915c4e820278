import { type ChainReader, chainReaders, publicRpcUrls } from '@chronos/shared';
import { parseHttpUrl } from './config.js';

/** Before an endpoint that is for one chain only: `eip155:32769=https://…`. */
const FOR_ONE_CHAIN = /^(?:eip155|zilliqa):[0-9]+=/;

/** The endpoints named with `--rpc`, checked. */
export function parseRpcOption(named: readonly string[] = []): string[] {
  return named.map((endpoint) => {
    const url = endpoint.replace(FOR_ONE_CHAIN, '');
    return endpoint.slice(0, endpoint.length - url.length) + parseHttpUrl(url, '--rpc').href;
  });
}

/**
 * The endpoints to ask about a chain: those that the user named for it, or for any chain, all of which then have to agree; or those of the
 * network table. The service is never among them.
 */
export function readersFor(named: readonly string[]): (chain: string) => ChainReader[] {
  return (chain) => {
    const urls = named
      .filter((endpoint) => !FOR_ONE_CHAIN.test(endpoint) || endpoint.startsWith(`${chain}=`))
      .map((endpoint) => endpoint.replace(FOR_ONE_CHAIN, ''));
    return chainReaders(chain, urls.length > 0 ? urls : publicRpcUrls(chain));
  };
}
