import { randomUUID } from 'node:crypto';
import { isAbsolute } from 'node:path';
import express, { type Express, type Request } from 'express';
import { z } from 'zod';
import { ChronosError, firstFault } from '@chronos/shared';
import type { Logger } from '../logger.js';
import type { Observers } from '../metrics/observers.js';
import { adminStatus, type AdminStatusSources, inJson, storeState } from './admin-status.js';
import { noSuchPath, problemHandler, requestIdOf } from './errors.js';
import { requireToken } from './require-token.js';

export interface AdminApiOptions extends AdminStatusSources {
  /** Copies the store into a file, beside the daemon's work. */
  backup: (target: { file: string; replace: boolean }) => Promise<object>;
  logger: Logger;
  observers: Observers;
}

const nothing = z.strictObject({});
const whichChain = z.strictObject({ chain: z.string().max(100).optional() });
const bumpRequest = whichChain.extend({
  transaction: z
    .string()
    .regex(/^(0x)?[0-9a-f]{64}$/, 'must be a transaction as status shows it')
    .optional(),
});
const backupRequest = z.strictObject({
  file: z.string().max(4096).refine(isAbsolute, 'must be an absolute path, on the machine of anchord'),
  replace: z.boolean().default(false),
});
const rotateRequest = z.strictObject({ token: z.enum(['private', 'admin']), step: z.enum(['begin', 'finish']) });

/** What the operator asks, on a port of its own. Whatever is changed, or was to be, is in the log with who wanted it. */
export function createAdminApi(options: AdminApiOptions): Express {
  const { tokens, collector, chains, storeWatch, backup, logger, observers } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => {
    if (requestIdOf(request) === '-') request.headers['x-request-id'] = randomUUID();
    response.setHeader('x-request-id', requestIdOf(request));
    next();
  });
  app.use(requireToken(tokens.admin.isAllowed));
  app.use(express.text({ type: () => true, limit: '16kb' }));

  /** Whether the store takes digests and, for each chain, whether it can anchor; 503 where one that is required cannot, or the store does not. */
  app.get('/health', (_request, response) => {
    const states = chains.map(({ chain, anchorer, required }) => {
      const { state, paused } = anchorer.state();
      return { chain: chain.chain, required, state, paused };
    });
    const anchoring = states.every(
      ({ state, required }) => !required || (state !== 'stopped' && state !== 'unreachable'),
    );
    const healthy = anchoring && storeWatch.fault === undefined;
    response.status(healthy ? 200 : 503).json({ healthy, store: storeState(storeWatch), chains: states });
  });

  app.get('/status', (_request, response) => {
    response.json(adminStatus(options));
  });

  /** A change: a POST with a JSON object, or without a body. */
  const change = <T extends object>(
    action: string,
    schema: z.ZodType<T>,
    carryOut: (wish: T) => object | Promise<object>,
  ) => {
    app.post(`/${action}`, async (request, response) => {
      const note = { action, requestId: requestIdOf(request), remote: request.socket.remoteAddress };
      let wish: T | undefined;
      try {
        wish = parse(schema, request);
        const done = await carryOut(wish);
        logger.info({ ...note, wish, done: inJson(done) }, 'the operator changed something');
        response.json(inJson(done));
      } catch (error) {
        logger.warn({ ...note, wish, why: (error as Error).message }, 'what the operator wanted was not done');
        throw error;
      }
    });
  };
  const chosen = (name: string | undefined) => {
    const found = name === undefined ? chains : chains.filter(({ chain }) => chain.chain === name);
    if (found.length > 0 || name === undefined) return found;
    throw unknownChain(`there is no anchoring on ${name}`);
  };
  const unknownChain = (why: string) => {
    const known = chains.map(({ chain }) => chain.chain).join(', ');
    return new ChronosError('invalid_request', `${why}: name one of ${known}`, { field: 'chain' });
  };

  /** Ends the open window before its time. */
  change('close-window', nothing, () => {
    const ended = collector.openWindow?.id ?? null;
    collector.endWindow({ now: true });
    return { ended };
  });
  change('pause', whichChain, ({ chain }) => {
    const paused = chosen(chain);
    for (const { anchorer } of paused) anchorer.pause();
    return { paused: paused.map((each) => each.chain.chain) };
  });
  change('resume', whichChain, ({ chain }) => {
    const resumed = chosen(chain);
    for (const { anchorer } of resumed) anchorer.resume();
    return { resumed: resumed.map((each) => each.chain.chain) };
  });
  change('bump', bumpRequest, async ({ chain, transaction }) => {
    const [only, ...others] = chosen(chain);
    if (only === undefined || others.length > 0) throw unknownChain('there are several chains');
    return { chain: only.chain.chain, ...(await only.anchorer.bump(transaction)) };
  });
  change('backup', backupRequest, backup);
  change('rotate', rotateRequest, ({ token, step }) => {
    tokens[token][step]();
    return { token, accepted: tokens[token].accepted };
  });
  change('reload-tokens', nothing, () => {
    tokens.private.reload();
    tokens.admin.reload();
    return { private: tokens.private.accepted, admin: tokens.admin.accepted };
  });

  app.use(noSuchPath);
  app.use(problemHandler({ logger, onRefused: (code) => observers.onRefused('admin', code) }));
  return app;
}

function parse<T>(schema: z.ZodType<T>, { body }: Request): T {
  const text = typeof body === 'string' && body !== '' ? body : '{}';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ChronosError('invalid_json', 'the body is not valid JSON', {}, cause);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { field, message } = firstFault(result.error);
  throw new ChronosError('invalid_request', `${field} ${message}`.trim(), { field });
}
