import type { Clock } from '../clock.js';
import type { AnchordClient } from '../forward/anchord-client.js';
import type { Exchange, Service } from '../http/exchange.js';
import type { Resource } from '../http/resource.js';

/** How long anchord's word holds, so that questions to us are not one each to it. */
const RECENT_MS = 1_000;
const ASK_TIMEOUT_MS = 2_000;

export interface HealthOptions {
  anchord: Pick<AnchordClient, 'isReady'>;
  service: Service;
  clock: Clock;
}

/** For the load balancer: `/healthz` says that this process answers, `/readyz` that requests sent here would be served. */
export function healthResources({ anchord, service, clock }: HealthOptions): Resource[] {
  let asked: { atMs: number; ready: Promise<boolean> } | undefined;
  const isReady = async () => {
    if (service.draining) return false;
    if (asked === undefined || clock.monotonicMs() - asked.atMs > RECENT_MS) {
      asked = { atMs: clock.monotonicMs(), ready: anchord.isReady(ASK_TIMEOUT_MS) };
    }
    return (await asked.ready) && !service.draining;
  };
  return [
    {
      path: '/healthz',
      methods: {
        GET: (exchange) => {
          replyWord(exchange, 200, 'alive');
        },
      },
    },
    {
      path: '/readyz',
      methods: {
        GET: async (exchange) => {
          if (await isReady()) replyWord(exchange, 200, 'ready');
          else replyWord(exchange, 503, 'not ready');
        },
      },
    },
  ];
}

function replyWord(exchange: Exchange, status: number, word: string): void {
  exchange.reply(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }, word);
}
