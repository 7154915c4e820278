import type { RequestListener } from 'node:http';
import type { Registry } from 'prom-client';
import type { Logger } from '../logger.js';

export interface MetricsApiOptions {
  registry: Registry;
  /** Brings the gauges up to date. */
  readState: () => void;
  logger: Logger;
}

/** `GET /metrics` for Prometheus. There is no secret in it, so it wants no token; it listens on loopback unless told otherwise. */
export function createMetricsApi({ registry, readState, logger }: MetricsApiOptions): RequestListener {
  const read = async () => {
    readState();
    return registry.metrics();
  };
  return (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('metrics are at GET /metrics\n');
      return;
    }
    read().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => {
        logger.error({ err: error }, 'the metrics could not be read');
        response.writeHead(500).end();
      },
    );
  };
}
