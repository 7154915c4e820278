import type { RequestListener } from 'node:http';
import express from 'express';
import type { z } from 'zod';
import {
  ChronosError,
  consistencyQuerySchema,
  encodeProofItems,
  firstFault,
  HASH_BYTES,
  MAX_DIGESTS_PER_CALL,
  MAX_PROOFS_PER_CALL,
  MAX_WAIT_SECONDS,
  PRIVATE_PATHS,
  windowsQuerySchema,
} from '@chronos/shared';
import type { Logger } from '../logger.js';
import type { Observers } from '../metrics/observers.js';
import type { Collector } from '../windows/collector.js';
import type { FinalWatch } from '../windows/final-watch.js';
import type { Proofs } from '../windows/proofs.js';
import type { PublicViews } from '../windows/public-views.js';
import { requireToken } from './require-token.js';
import type { TokenCheck } from './tokens.js';
import { answerBinaryCalls } from './binary-calls.js';
import { noSuchPath, problemHandler, type Told } from './errors.js';

export interface PrivateApiOptions {
  isAllowed: TokenCheck;
  collector: Collector;
  proofs: Proofs;
  views: PublicViews;
  finalWatch: FinalWatch;
  logger: Logger;
  observers: Observers;
}

/** What proxies ask, on the private network: see `private-protocol.ts` in shared. */
export function createPrivateApi({
  isAllowed,
  collector,
  proofs,
  views,
  finalWatch,
  logger,
  observers,
}: PrivateApiOptions): RequestListener {
  const told: Told = {
    logger,
    onRefused: (code) => {
      observers.onRefused('private', code);
    },
  };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requireToken(isAllowed));

  app.get('/windows/:id/final', async (request, response) => {
    const seconds = Math.min(MAX_WAIT_SECONDS, wholeNumber(request.query['wait'] ?? '0', 'wait'));
    const id = wholeNumber(request.params.id, 'id');
    // Not AbortSignal.any with AbortSignal.timeout: Node 20 may collect them before they fire.
    const waiting = new AbortController();
    const timer = setTimeout(() => {
      waiting.abort();
    }, seconds * 1000);
    response.once('close', () => {
      clearTimeout(timer);
      waiting.abort();
    });
    const isFinal = await finalWatch.waitFor(id, waiting.signal);
    response.status(isFinal ? 204 : 202).end();
  });

  app.get('/readyz', (_request, response) => {
    response.end('ready');
  });

  app.get('/api/v1/windows', (request, response) => {
    response.json(views.windows(checked(windowsQuerySchema, request.query)));
  });
  app.get('/api/v1/windows/:id', (request, response) => {
    response.json(views.window(wholeNumber(request.params.id, 'id')));
  });
  app.get('/api/v1/anchors/latest', (_request, response) => {
    response.json(views.latestAnchor());
  });
  app.get('/api/v1/consistency', (request, response) => {
    response.json(views.consistency(checked(consistencyQuerySchema, request.query)));
  });
  app.get('/api/v1/status', (_request, response) => {
    response.json(views.status());
  });

  app.use(noSuchPath);
  app.use(problemHandler(told));

  return answerBinaryCalls(
    new Map([
      [PRIVATE_PATHS.digests, { maxDigests: MAX_DIGESTS_PER_CALL, answer: (digests) => collector.admit(digests) }],
      [
        PRIVATE_PATHS.proofs,
        {
          maxDigests: MAX_PROOFS_PER_CALL,
          answer: (digests) => {
            const count = digests.length / HASH_BYTES;
            const items = Array.from({ length: count }, (_, i) => proofs.item(digests, i * HASH_BYTES));
            observers.onProofs(items);
            return encodeProofItems(items);
          },
        },
      ],
    ]),
    { isAllowed, told, others: app },
  );
}

function wholeNumber(text: unknown, field: string): number {
  const value = typeof text === 'string' && /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value))
    throw new ChronosError('invalid_request', `${field} must be a whole number`, { field });
  return value;
}

function checked<T>(schema: z.ZodType<T>, query: unknown): T {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const { field, message } = firstFault(result.error);
  throw new ChronosError('invalid_request', `${field} ${message}`.trim(), { field });
}
