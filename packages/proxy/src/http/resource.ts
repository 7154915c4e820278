import { ChronosError } from '@chronos/shared';
import type { Express, Request } from 'express';
import type { Exchange } from './exchange.js';

/** Answers an exchange, or throws what is then answered as a problem. `params` are those of the path, decoded. */
export type Handler = (exchange: Exchange, params: Readonly<Record<string, string>>) => void | Promise<void>;

/** A path, in Express's notation, and what its methods do. HEAD is GET without the body, which Node leaves out by itself. */
export interface Resource {
  path: string;
  methods: { GET?: Handler; POST?: Handler };
}

/** Runs a handler so that whatever it throws is answered. */
export function run(handler: Handler, exchange: Exchange, params: Readonly<Record<string, string>>): void {
  try {
    handler(exchange, params)?.catch((error: unknown) => {
      exchange.fail(error);
    });
  } catch (error) {
    exchange.fail(error);
  }
}

/** Mounts resources: each answers OPTIONS, and says 405 to what it does not do. */
export function mount(app: Express, exchangeOf: (req: Request) => Exchange, resources: readonly Resource[]): void {
  for (const resource of resources) {
    const handlers: Readonly<Record<string, Handler>> = methodsOf(resource);
    const allow = Object.keys(handlers).join(', ');
    const refuse: Handler = ({ req }) => {
      throw new ChronosError('method_not_allowed', `this path takes ${allow}, not ${req.method}`, { allow });
    };
    app.all(resource.path, (req) => {
      const exchange = exchangeOf(req);
      exchange.route = resource.path;
      const handler = Object.hasOwn(handlers, req.method) ? handlers[req.method]! : refuse;
      run(handler, exchange, req.params as Record<string, string>);
    });
  }
}

function methodsOf({ methods: { GET, POST } }: Resource): Record<string, Handler> {
  const methods = {
    ...(GET === undefined ? {} : { GET, HEAD: GET }),
    ...(POST === undefined ? {} : { POST }),
  };
  const allow = [...Object.keys(methods), 'OPTIONS'].join(', ');
  const OPTIONS: Handler = (exchange) => {
    exchange.reply(
      204,
      {
        allow,
        'access-control-allow-methods': allow,
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '86400',
      },
      '',
    );
  };
  return { ...methods, OPTIONS };
}
