import express, { type Express } from 'express';
import type { Anchorer } from '../anchors/anchorer.js';
import type { Chain } from '../chain/chain.js';
import type { Logger } from '../logger.js';
import type { Observers } from '../metrics/observers.js';
import type { StoreWatch } from '../store/store-watch.js';
import type { Collector } from '../windows/collector.js';
import type { PublicViews } from '../windows/public-views.js';
import { requireToken, tokenCheck } from './auth.js';
import { noSuchPath, problemHandler } from './errors.js';

export interface AdminApiOptions {
  token: string;
  collector: Collector;
  views: PublicViews;
  chains: readonly { chain: Chain; anchorer: Anchorer; required: boolean }[];
  storeWatch: Pick<StoreWatch, 'fault'>;
  logger: Logger;
  observers: Observers;
}

/** What the operator asks, on a port of its own. */
export function createAdminApi({
  token,
  collector,
  views,
  chains,
  storeWatch,
  logger,
  observers,
}: AdminApiOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requireToken(tokenCheck(token)));

  const store = () => {
    const { fault } = storeWatch;
    return fault === undefined ? { state: 'ok' } : { state: fault.kind, detail: fault.detail };
  };

  /** Whether the store takes digests and, for each chain, whether it can anchor; 503 where one that is required cannot, or the store does not. */
  app.get('/health', (_request, response) => {
    const states = chains.map(({ chain, anchorer, required }) => ({
      ...{ chain: chain.chain, required, state: anchorer.state().state },
    }));
    const anchoring = states.every(
      ({ state, required }) => !required || (state !== 'stopped' && state !== 'unreachable'),
    );
    const healthy = anchoring && storeWatch.fault === undefined;
    response.status(healthy ? 200 : 503).json({ healthy, store: store(), chains: states });
  });

  app.get('/status', (_request, response) => {
    response.json({
      ...views.status(),
      store: store(),
      anchoring: chains.map(({ chain, anchorer }) => ({
        chain: chain.chain,
        account: chain.account,
        ...inJson(anchorer.state()),
      })),
    });
  });

  /** Ends the open window before its time. */
  app.post('/close-window', (_request, response) => {
    const ended = collector.openWindow?.id ?? null;
    collector.endWindow({ now: true });
    response.json({ ended });
  });

  app.use(noSuchPath);
  app.use(
    problemHandler({
      logger,
      onRefused: (code) => {
        observers.onRefused('admin', code);
      },
    }),
  );
  return app;
}

/** Amounts and nonces are bigint inside and decimal strings in JSON. */
function inJson(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? field.toString() : field)),
  ) as object;
}
