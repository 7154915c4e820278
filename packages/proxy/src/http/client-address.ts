import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Logger } from '../logger.js';

/**
 * Whose `X-Forwarded-For` is believed: so many hops before this proxy, or the hops at certain addresses. Nobody's by default, for the header is the
 * client's to write.
 */
export type TrustedHops = number | readonly string[];

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Tells who sent a request, by the hops that are trusted to say so. */
export class ClientAddresses {
  private readonly hops: number;
  private readonly ranges: BlockList | undefined;

  private isTold = false;

  constructor(
    trusted: TrustedHops,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.hops = typeof trusted === 'number' ? trusted : 0;
    this.ranges = typeof trusted === 'number' || trusted.length === 0 ? undefined : blockListOf(trusted);
  }

  /** Whether what this peer says of others is believed. */
  trusts(address: string): boolean {
    return this.hops > 0 || this.isInRanges(address);
  }

  /** The address of the client that sent a request. */
  of({ socket, headers }: IncomingMessage): string {
    return this.behind(socket.remoteAddress ?? '', headers['x-forwarded-for']);
  }

  /** Who is behind a peer that sends this `X-Forwarded-For`. */
  behind(peerAddress: string, forwarded: string | readonly string[] | undefined): string {
    const peer = plainAddress(peerAddress);
    if (forwarded === undefined) return peer;
    if (!this.trusts(peer)) {
      this.tell(peer);
      return peer;
    }
    // Each hop adds its peer at the end, so from there on back it is known who wrote an entry.
    const entries = String(forwarded).split(',');
    let client = peer;
    for (let believed = 0; entries.length > 0; believed++) {
      if (this.ranges === undefined ? believed >= this.hops : !this.isInRanges(client)) break;
      const entry = plainAddress(entries.pop()!.trim());
      if (isIP(entry) === 0) break;
      client = entry;
    }
    return client;
  }

  /** Once, for anybody can send the header; but a balancer that is not trusted makes one client of all who come through it. */
  private tell(peer: string): void {
    if (this.isTold) return;
    this.isTold = true;
    this.logger.warn(
      { peer },
      'X-Forwarded-For is not believed: if this peer is your load balancer, set CHRONOS_TRUSTED_PROXIES',
    );
  }

  private isInRanges(address: string): boolean {
    return this.ranges?.check(address, address.includes(':') ? 'ipv6' : 'ipv4') === true;
  }
}

/** The addresses that count as one client: an IPv4 address, and of IPv6 the /64 that one household or server commonly has. */
export function clientKey(address: string): string {
  return address.includes(':') ? `${firstGroups(address, 4)}::/64` : address;
}

/** What an access log may know of a client: enough to see a network misbehave, too little to name a person. */
export function clientPrefix(address: string): string {
  return address.includes(':') ? `${firstGroups(address, 3)}::/48` : address.replace(/\d+$/, '0/24');
}

/** Whether `text` is an address or a range of addresses, `10.0.0.0/8`. */
export function isRange(text: string): boolean {
  const [address = '', prefix, more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

/** Without what a socket listening on both families puts around an IPv4 address, and without an interface's name. */
function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  return MAPPED_IPV4.exec(address)?.[1] ?? address.replace(/%.*$/, '');
}

/** The first 16-bit groups of an IPv6 address, in one spelling. */
function firstGroups(address: string, count: number): string {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    const afterLength = after.length + (tail.includes('.') ? 1 : 0); // a last part in IPv4's spelling is two groups
    while (groups.length + afterLength < 8) groups.push('0');
    groups.push(...after);
  }
  return groups
    .slice(0, count)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}
