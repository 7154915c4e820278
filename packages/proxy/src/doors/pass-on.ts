import { consistencyQuerySchema, windowIdSchema, windowsQuerySchema } from '@chronos/shared';
import type { z } from 'zod';
import type { AnchordClient } from '../forward/anchord-client.js';
import type { Exchange } from '../http/exchange.js';
import { invalidRequest, overloaded } from '../http/problem.js';
import { readQuery, refuseQuery } from '../http/query.js';
import type { Handler } from '../http/resource.js';

/** The routes that anchord answers for the public: checked here, then handed on, and the answer handed back as it came. */
export class PassOn {
  private inFlight = 0;

  constructor(
    private readonly anchord: Pick<AnchordClient, 'get'>,
    private readonly maxInFlight: number,
  ) {}

  readonly windows = this.withQuery('/api/v1/windows', windowsQuerySchema);
  readonly consistency = this.withQuery('/api/v1/consistency', consistencyQuerySchema);
  readonly latestAnchor = this.plain('/api/v1/anchors/latest');
  readonly status = this.plain('/api/v1/status');

  readonly window: Handler = (exchange, params) => {
    refuseQuery(exchange.req);
    const id = windowIdSchema.safeParse(params['id']);
    if (!id.success) throw invalidRequest(`the window id ${id.error.issues[0]!.message}`, { field: 'id' });
    return this.handOn(exchange, `/api/v1/windows/${id.data}`);
  };

  private plain(path: string): Handler {
    return (exchange) => {
      refuseQuery(exchange.req);
      return this.handOn(exchange, path);
    };
  }

  private withQuery(path: string, schema: z.ZodType<Record<string, number | undefined>>): Handler {
    return (exchange) => {
      const given = Object.entries(readQuery(exchange.req, schema)).filter(([, value]) => value !== undefined);
      const query = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
      return this.handOn(exchange, `${path}?${query.toString()}`);
    };
  }

  private async handOn(exchange: Exchange, path: string): Promise<void> {
    if (this.inFlight >= this.maxInFlight) throw overloaded('too many requests are waiting: come again in a moment');
    this.inFlight++;
    try {
      const { status, contentType, cacheControl, body } = await this.anchord.get(path, exchange.requestId);
      exchange.reply(status, { 'content-type': contentType, 'cache-control': cacheControl }, body);
    } finally {
      this.inFlight--;
    }
  }
}
